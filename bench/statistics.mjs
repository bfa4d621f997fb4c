/** The middle of the values, or the mean of the two in the middle. */
export function median(values) {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/** The smallest value that at least `share` of the values do not exceed (nearest rank). */
export function percentile(values, share) {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)]
}

/** The smallest and the largest value. */
export function range(values) {
  return values.reduce(([low, high], value) => [Math.min(low, value), Math.max(high, value)], [Infinity, -Infinity])
}

/**
 * How two arms compare that were sampled in turn: the ratio of the medians, and the range of the ratios
 * within each pair. A pair that lacks a sample on either side has no ratio.
 */
export function compare(subject, reference) {
  const pairs = subject.map((value, pair) => value / reference[pair]).filter(Number.isFinite)
  const ratio = median(subject.filter(isNumber)) / median(reference.filter(isNumber))
  return { ratio, range: pairs.length > 0 ? range(pairs) : [ratio, ratio] }
}

function isNumber(value) {
  return typeof value === 'number'
}
