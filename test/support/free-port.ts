import { createServer, type AddressInfo } from 'node:net'

/**
 * A port of 127.0.0.1 that nobody listens on; with `cluster`, one whose bus port, 10,000 above, is free as
 * well.
 */
export async function freePort({ cluster = false }: { cluster?: boolean } = {}): Promise<number> {
  for (let tries = 0; tries < 100; tries++) {
    const port = await probe(cluster ? 20_000 + Math.floor(Math.random() * 12_000) : 0)
    if (port !== undefined && (!cluster || (await probe(port + 10_000)) !== undefined)) return port
  }
  throw new Error('no free port in 100 tries')
}

/** The port that could be listened on, `undefined` when it is taken. */
function probe(port: number): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => (error.code === 'EADDRINUSE' ? resolve(undefined) : reject(error)))
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => {
      const taken = (server.address() as AddressInfo).port
      server.close(() => resolve(taken))
    })
  })
}
