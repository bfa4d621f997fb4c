import { Random } from './random.mjs'

/** ms that a slow run takes: longer than the period, so that the next one overlaps. */
const slow = 1_400

/**
 * The schedules of a run, { id, spec }, the same for the same seed; every worker upserts them all whenever it
 * starts. They end by themselves, at `end` in epoch ms or by their limit, and never look back at what their
 * jobs do.
 */
export function drawSchedules(seed, end) {
  const random = new Random(`${seed} schedules`)
  const several = (name, count, draw) =>
    Array.from({ length: count }, (_, index) => {
      const { data = {}, ...spec } = draw()
      return { id: `${name}-${index + 1}`, spec: { catchUp: 'all', overlap: 'all', ...spec, end, job: { name: 'scheduled', data } } }
    })
  return [
    ...several('every', 8, () => ({ every: 1_000 })),
    ...several('cron', 6, () => ({ cron: `*/${random.pick([1, 1, 2, 5])} * * * * *` })),
    ...several('jittered', 2, () => ({ every: 1_000, jitter: random.between(100, 900) })),
    ...several('limited', 2, () => ({ every: random.between(300, 1_000), limit: random.between(10, 30) })),
    ...several('failing', 2, () => ({ every: 1_000, data: { fails: true } })),
    ...several('latest', 3, () => ({ every: random.between(300, 1_000), catchUp: 'one' })),
    ...several('patient', 2, () => ({ every: 1_000, overlap: 'one', data: { ms: slow } })),
    ...several('alone', 2, () => ({ every: 1_000, catchUp: random.pick(['skip', 'one', 'all']), overlap: 'skip', data: { ms: slow } })),
  ]
}
