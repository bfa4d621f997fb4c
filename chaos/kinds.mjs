import { aborted } from './member.mjs'

import { Discard, Snooze } from '@ripen/worker'
import { drawUnique } from './unique-keys.mjs'

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds))

/** Works for so many ms in small steps, tells its progress, and follows an abort. */
async function work(milliseconds, { signal, progress }) {
  const end = performance.now() + milliseconds
  for (let step = 0; performance.now() < end; step++) {
    await pause(Math.min(50, end - performance.now()))
    signal.throwIfAborted()
    if (step % 4 === 0) void progress(step)
  }
}

/**
 * The kinds of jobs; the name of a job is its kind.
 *
 *     share     of a thousand jobs
 *     draw      the job's own data and its options: (random, now) → { data, options, cancelAfter }; its producer cancels it so many ms later
 *     run       its handler: (job, context, now), `now` being the clock of the machine
 */
export const kinds = {
  /** Ends at once: the fast way of everything. */
  plain: { share: 493, draw: () => ({}), run: () => undefined },
  /** Has a result. */
  answering: { share: 50, draw: () => ({}), run: ({ data }) => ({ n: data.n }) },
  short: { share: 90, draw: (random) => ({ data: { ms: random.between(1, 10) } }), run: ({ data }) => pause(data.ms) },
  /** There are always some under way when a worker is killed. */
  slow: {
    share: 12,
    draw: (random) => ({ data: { ms: random.between(200, 3_000) } }),
    run: ({ data }, context) => work(data.ms, context),
  },
  delayed: { share: 80, draw: (random) => ({ options: { delay: random.between(50, 4_000) } }), run: () => undefined },
  dated: { share: 20, draw: (random, now) => ({ options: { runAt: now + random.between(-500, 3_000) } }), run: () => undefined },
  prior: { share: 60, draw: (random) => ({ options: { priority: random.between(-5, 5) } }), run: () => undefined },
  /** Has an id of its own; some are added again. */
  named: { share: 40, draw: () => ({}), run: () => undefined },
  /** Fails once or twice, then completes. */
  flaky: {
    share: 40,
    draw: (random) => ({ data: { fails: random.between(1, 2) }, options: { attempts: 3, backoff: random.between(50, 500) } }),
    run({ data }, { attempt }) {
      if (attempt <= data.fails) throw new Error('flaky')
    },
  },
  hopeless: {
    share: 10,
    draw: () => ({ options: { attempts: 2, backoff: 50 } }),
    run() {
      throw new Error('hopeless')
    },
  },
  discarded: {
    share: 5,
    draw: () => ({ options: { attempts: 5 } }),
    run() {
      throw new Discard()
    },
  },
  snoozed: {
    share: 10,
    draw: () => ({}),
    run({ addedAt }, _context, now) {
      if (now() < addedAt + 300) throw new Snooze(150)
    },
  },
  overdue: {
    share: 5,
    draw: () => ({ options: { timeout: 100 } }),
    async run(_job, { signal }) {
      throw await aborted(signal)
    },
  },
  /** Its producer cancels it, before or while it runs. */
  unwanted: {
    share: 15,
    draw: (random) => ({
      data: { ms: random.between(1, 800) },
      options: random.chance(0.3) ? { delay: random.between(50, 800) } : {},
      cancelAfter: random.between(0, 800),
    }),
    run: ({ data }, context) => work(data.ms, context),
  },
  /** Has a unique key, which others may hold. */
  unique: {
    share: 70,
    draw: drawUnique,
    async run({ data }, { attempt }) {
      await pause(data.ms)
      if (data.fails && attempt === 1) throw new Error('failed once')
    },
  },
  /** Is the run of a schedule. No producer adds it. */
  scheduled: {
    share: 0,
    draw: () => ({}),
    async run({ data: { ms = 0, fails = false } }) {
      await pause(ms)
      if (fails) throw new Error('a schedule does not mind')
    },
  },
  /** Takes its worker along. Added by a fault only. */
  poison: { share: 0, draw: () => ({}), run: () => process.abort() },
}

/** One of the kinds, by their shares. */
export function drawKind(random) {
  let left = random.next() * 1_000
  for (const [name, { share }] of Object.entries(kinds)) if ((left -= share) < 0) return name
  return 'plain'
}
