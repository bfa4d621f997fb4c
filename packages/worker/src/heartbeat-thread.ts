import { extendScript } from '@ripen/queue/internal'
import { calls, createClient, describeError, sendScript, untilReady, type Client } from '@ripen/store/internal'
import { parentPort } from 'node:worker_threads'
import { beatInterval, pulseIndex, type Beat, type BeatFailed, type StartBeating, type StopBeating } from './heartbeat-messages.ts'

// The thread that keeps the leases of this process' workers while their event loop is blocked. One connection for each server and database.

const port = parentPort
if (port === null) throw new Error('this file runs as a worker thread')

interface Heart {
  readonly start: StartBeating
  readonly client: Client
  readonly timer: NodeJS.Timeout
  turns: number
  /** When the main loop was last seen turning. */
  seen: number
  busy: boolean
}

/** An event loop that stood still for this long, in ms, is blocked: it gives a sign every quarter of a second. */
const loopPause = 2_000

const hearts = new Map<number, Heart>()
const clients = new Map<string, { client: Client; users: number }>()

port.on('message', (message: StartBeating | StopBeating) => {
  if (message.type === 'start') start(message)
  else stop(message.heart)
})

function start(message: StartBeating): void {
  const key = JSON.stringify(message.target)
  let shared = clients.get(key)
  if (shared === undefined) {
    const client = createClient(message.target, undefined, calls)
    client.setMaxListeners(0) // each of its workers waits for it
    client.on('error', () => undefined) // told by the failure of the heartbeat
    clients.set(key, (shared = { client, users: 0 }))
  }
  shared.users++
  const heart: Heart = {
    start: message,
    client: shared.client,
    timer: setInterval(() => void beat(heart), beatInterval(message.lease)),
    turns: -1,
    seen: performance.timeOrigin + performance.now(),
    busy: false,
  }
  hearts.set(message.heart, heart)
  void beat(heart)
}

function stop(id: number): void {
  const heart = hearts.get(id)
  if (heart === undefined) return
  clearInterval(heart.timer)
  hearts.delete(id)
  for (const [key, shared] of clients) {
    if (shared.client !== heart.client || --shared.users > 0) continue
    shared.client.disconnect()
    clients.delete(key)
  }
}

async function beat(heart: Heart): Promise<void> {
  const { heart: id, worker, keys, lease, about, pulse } = heart.start
  if (heart.busy || !alive(heart)) return
  heart.busy = true
  try {
    await untilReady(heart.client, (error) => tellFailure(id, error))
    const [, late, paused, cancels] = await sendScript(heart.client, extendScript, {
      keys,
      arguments: { offset: pulse[pulseIndex.clockOffset] ?? 0, id: worker, lease, about },
    })
    const message: Beat = { type: 'beat', heart: id, late: late === 1, paused: paused === 1, cancels }
    port?.postMessage(message)
  } catch (error) {
    tellFailure(id, error)
  } finally {
    heart.busy = false
  }
}

function tellFailure(heart: number, error: unknown): void {
  const message: BeatFailed = { type: 'failed', heart, error: describeError(error).message }
  port?.postMessage(message)
}

/** False once the main loop has stood still for `maxBlocked`, or stands still while a job is past its timeout and grace. */
function alive(heart: Heart): boolean {
  const { pulse, maxBlocked } = heart.start
  const now = performance.timeOrigin + performance.now()
  const turns = pulse[pulseIndex.turns] ?? 0
  if (turns !== heart.turns) {
    heart.turns = turns
    heart.seen = now
    return true
  }
  const blocked = now - heart.seen
  const deadline = pulse[pulseIndex.deadline] ?? 0
  return blocked < maxBlocked && !(deadline > 0 && now > deadline && blocked > loopPause)
}
