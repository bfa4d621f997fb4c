import { join } from 'node:path'
import { Proxy } from '../proxy.mjs'
import { freePort, Server } from '../server.mjs'

/**
 * Starts a server that writes its data down, and a proxy before it.
 *
 * @param settings of the server: (port of the proxy) → settings.
 * @param offset another port, so far above the server's, has to be free as well.
 */
export async function startProxied(directory, name, settings, offset = 0) {
  const port = await freePort(offset)
  const proxy = new Proxy(port)
  await proxy.listen()
  const server = new Server(join(directory, name), port, { appendonly: 'yes', save: '""', ...settings(proxy.port) })
  await server.start()
  return { server, proxy }
}
