import { calls, createClient, type Client } from '@ripen/store/internal'
import { parentPort } from 'node:worker_threads'
import { Heart } from './heart.ts'
import type { StartBeating, StopBeating } from './heartbeat-messages.ts'

// The thread that keeps the leases of this process' workers while their event loop is blocked. One connection
// for each server and database.

const port = parentPort
if (port === null) throw new Error('this file runs as a worker thread')

interface SharedClient {
  readonly key: string
  readonly client: Client
  users: number
}

const hearts = new Map<number, { readonly heart: Heart; readonly shared: SharedClient }>()
const clients = new Map<string, SharedClient>()

port.on('message', (message: StartBeating | StopBeating) => {
  if (message.type === 'start') start(message)
  else stop(message.heart)
})

function start(message: StartBeating): void {
  const key = JSON.stringify(message.target)
  let shared = clients.get(key)
  if (shared === undefined) {
    const client = createClient(message.target, undefined, calls)
    client.on('error', () => undefined) // told by the failure of the heartbeat
    client.setMaxListeners(0) // each of its workers waits for it
    clients.set(key, (shared = { key, client, users: 0 }))
  }
  shared.users++
  hearts.set(message.heart, { heart: new Heart(message, shared.client, (told) => port?.postMessage(told)), shared })
}

function stop(id: number): void {
  const found = hearts.get(id)
  if (found === undefined) return
  const { heart, shared } = found
  heart.stop()
  hearts.delete(id)
  if (--shared.users > 0) return
  shared.client.disconnect()
  clients.delete(shared.key)
}
