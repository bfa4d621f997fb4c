/**
 * What a figure has to reach: `of` the ratio to the reference or the subject's own value, `sense` whether
 * more or less is better, `goal` what is aimed at, `limit` below (or above) which the work is not done.
 */
const requirement =
  (of, sense) =>
  (goal, limit = goal) => ({ of, sense, goal, limit })

export const ratioAtLeast = requirement('ratio', 'at least')
export const ratioAtMost = requirement('ratio', 'at most')
export const valueAtMost = requirement('value', 'at most')

/**
 * `goal met`, `within the limit`, `NOT MET`, or nothing where nothing is required or nothing was measured.
 */
export function verdict(required, { ratio, value }) {
  if (!required) return ''
  const figure = required.of === 'ratio' ? ratio : value
  if (!Number.isFinite(figure)) return 'not measured'
  const reaches = (bound) => (required.sense === 'at least' ? figure >= bound : figure <= bound)
  if (reaches(required.goal)) return 'goal met'
  return reaches(required.limit) ? 'within the limit' : 'NOT MET'
}
