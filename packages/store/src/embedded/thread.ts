// The thread of the embedded server: the one file that is not imported but started.
import { createServer, type AddressInfo } from 'node:net'
import { parentPort, workerData } from 'node:worker_threads'
import { createRedisCommandExecutor } from 'js-redis-server/core'
import { serveClient } from './client-transport.ts'
import { ServerState } from './server-state.ts'

/** Messages of the thread to the one that started it. */
export type ThreadMessage = { readonly type: 'listening'; readonly port: number } | { readonly type: 'fault'; readonly error: Error }

const { password } = workerData as { password: string }
const state = new ServerState(password)
const executor = createRedisCommandExecutor()

const tell = (message: ThreadMessage): void => parentPort?.postMessage(message)
const report = (error: unknown): void => tell({ type: 'fault', error: error instanceof Error ? error : new Error(String(error)) })

const server = createServer({ noDelay: true }, (socket) => serveClient(socket, state, executor, report))
server.on('error', report)
// 127.0.0.1 and nothing else: without a host Node listens on every interface of the machine.
server.listen({ host: '127.0.0.1', port: 0 }, () => tell({ type: 'listening', port: (server.address() as AddressInfo).port }))
