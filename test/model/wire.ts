import { createHash } from 'node:crypto'
import type * as scripts from '../../packages/store/src/script/script.ts'

type Script = scripts.Script<any, any, unknown>

/** When a run begins, in epoch ms: `clockOffset` 0. */
export const epoch = 1_800_000_000_000

const clock = "redis.call('TIME')"
const standing = new Map<string, Script>()

/**
 * The script with a clock that stands still: only `clockOffset` moves it, so a run is the same each time, to
 * the millisecond. Nothing else of it is changed.
 */
function withStandingClock(script: Script): Script {
  let copy = standing.get(script.sha)
  if (copy === undefined) {
    const source = script.source.replaceAll(clock, `{ '${epoch / 1_000}', '0' }`)
    if (script.arguments.includes('offset') && source === script.source) throw new Error(`${script.name} takes its time from elsewhere`)
    copy = { ...script, source, sha: createHash('sha1').update(source).digest('hex') }
    standing.set(script.sha, copy)
  }
  return copy
}

/** A call on a lane. */
export interface Sent {
  readonly answer: Promise<unknown>
  /** Sends it once more, as a network does that comes back with what a dead connection had in its buffers. */
  readonly repeat: () => Promise<unknown>
}

/** Lane → what was sent on it, last first. */
export const sent: Map<string, Sent[]> = new Map()

/** Whether a call was composed for other features than the queue has. */
export function isOfOtherFeatures(error: unknown): boolean {
  return error instanceof Error && /^(?:ERR )?OTHER_FEATURES /.test(error.message)
}

/**
 * The module that all script calls go through, with the clock of the servers stopped and the calls of lanes
 * kept.
 */
export function throughWire(module: typeof scripts): typeof scripts {
  const sendScript: typeof scripts.sendScript = (client, script, call) => {
    const send = (): Promise<any> => module.sendScript(client, withStandingClock(script), call)
    const answer = send()
    const { lane } = call.arguments as Readonly<Record<string, scripts.ScriptArgument | undefined>>
    if (typeof lane === 'string') {
      const call: Sent = { answer, repeat: send }
      sent.set(lane, [call, ...(sent.get(lane) ?? [])])
      answer.catch((error: unknown) => {
        // It was not applied, and goes again as another call.
        if (isOfOtherFeatures(error)) sent.set(lane, sent.get(lane)?.filter((other) => other !== call) ?? [])
      })
    }
    return answer
  }
  return { ...module, sendScript }
}
