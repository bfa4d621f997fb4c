import { Command, type Cluster, type Redis } from 'ioredis'
import type { Client } from '../call/caller.ts'
import { isCluster } from '../connection/own-redis.ts'
import type { Telemetry } from './telemetry.ts'

/** Sends commands: a client, or a stand-in for one. */
interface Sender {
  sendCommand(command: Command, ...where: unknown[]): Promise<unknown>
}

/** Helper methods by prototype of the client. */
const helpers = new WeakMap<object, ReadonlySet<string>>()

/**
 * A face of a client that traces every command sent through it. The client itself is not touched: what it
 * sends by its own (handshakes, commands sent again after a redirection) is not traced.
 */
export function tracedClient<C extends Client>(client: C, telemetry: Telemetry): C {
  const sender = client as unknown as Sender
  const send =
    (asSent: boolean): Sender['sendCommand'] =>
    (command, ...where) => {
      const name = command.name.toLowerCase()
      const operation = {
        span: asSent ? command.name : command.name.toUpperCase(),
        command: name,
        blocking: Command.checkFlag('BLOCKING_COMMANDS', name),
      }
      return telemetry.observe(operation, () => sender.sendCommand(command, ...where), name === 'exec' ? errorAmong : none)
    }
  const sendCommand = send(false)
  // Commands that are put together behind the scenes could not be told apart.
  const options = client.options.enableAutoPipelining === true ? { ...client.options, enableAutoPipelining: false } : client.options
  // All that `call` needs of a client.
  const verbatim = { options, sendCommand: send(true) }
  const names = helperNames(client)
  const nodes = tracedNodes(client, telemetry)
  return new Proxy(client, {
    get(target, property) {
      if (property === 'sendCommand') return sendCommand
      if (property === 'options') return options
      if (property === 'nodes' && nodes !== undefined) return nodes
      const value: unknown = Reflect.get(target, property, target)
      if (typeof value !== 'function' || typeof property === 'symbol' || property === 'constructor') return value
      if (property === 'call' || property === 'callBuffer' || property === 'send_command') return value.bind(verbatim) as unknown
      // A helper sends through what it is called on, which is the face; so do scripts that were defined on
      // the client. All else works on the client.
      const sends = names.has(property) || property.endsWith('Stream') || Object.hasOwn(target, property)
      return sends ? value : (value.bind(target) as unknown)
    },
  })
}

/** The nodes of a cluster, each with a face of its own that stays the same. */
function tracedNodes(client: Client, telemetry: Telemetry): Cluster['nodes'] | undefined {
  if (!isCluster(client)) return undefined
  const faces = new WeakMap<Redis, Redis>()
  return (role) =>
    client.nodes(role).map((node) => {
      let face = faces.get(node)
      if (face === undefined) faces.set(node, (face = tracedClient(node, telemetry)))
      return face
    })
}

function helperNames(client: Client): ReadonlySet<string> {
  const kind = Object.getPrototypeOf(client) as object
  let names = helpers.get(kind)
  if (names === undefined) {
    const commands = [...client.getBuiltinCommands(), 'pipeline']
    helpers.set(kind, (names = new Set(commands.flatMap((name) => [name, `${name}Buffer`]))))
  }
  return names
}

/** EXEC answers the errors of its commands among their results. */
function errorAmong(reply: unknown): unknown {
  return Array.isArray(reply) ? reply.find((value) => value instanceof Error) : undefined
}

function none(): undefined {
  return undefined
}
