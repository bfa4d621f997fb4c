/**
 * The families of unique keys. Each has few keys, `<family>-<number>`, so that most adds find theirs held,
 * and all adds of a family hold theirs for as long and are due as soon, so that the checker knows from the
 * key what must hold.
 *
 *     during, conflicts   as `unique` of a job has them; one of the conflicts is drawn for each add
 *     delay               ms until a job is due
 *     fails               whether some jobs fail once: they keep their key between two attempts
 */
export const uniqueKeys = {
  single: { during: 'unfinished', conflicts: ['keep'], fails: true },
  newest: { during: 'unfinished', conflicts: ['replace', 'replace', 'keep'], fails: true },
  debounced: { during: 'unfinished', conflicts: ['debounce', 'debounce', 'keep'], delay: 200 },
  waiting: { during: 'waiting', conflicts: ['keep', 'replace', 'debounce'], delay: 150 },
  throttled: { during: 500, conflicts: ['keep'] },
}

/** Keys of each family. */
const size = 4

/** Data and options of a job with one of the keys; `now` by the clock of the machine. */
export function drawUnique(random, now) {
  const family = random.pick(Object.keys(uniqueKeys))
  const { during, conflicts, delay, fails } = uniqueKeys[family]
  const key = `${family}-${random.between(1, size)}`
  const onConflict = random.pick(conflicts)
  return {
    data: { key, onConflict, sent: now, ms: random.between(0, 150), fails: fails === true && random.chance(0.2) },
    options: {
      unique: { key, during, onConflict },
      attempts: 2,
      backoff: random.between(20, 200),
      ...(delay === undefined ? {} : { delay }),
    },
    ...(random.chance(0.05) ? { cancelAfter: random.between(0, 100) } : {}),
  }
}

/** The family of a key. */
export function familyOf(key) {
  return uniqueKeys[key.slice(0, key.lastIndexOf('-'))]
}
