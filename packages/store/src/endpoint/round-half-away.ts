/**
 * Rounds to a number of decimals, halves away from zero. It works on the decimal digits that JavaScript
 * prints, so 1.005 becomes 1.01 and 4 stays 4.
 *
 * @param decimals from 0 to 15.
 */
export function roundHalfAway(value: number, decimals: number): number {
  if (!Number.isFinite(value)) return value
  const shifted = shift(Math.abs(value), decimals)
  // Beyond 2^53 there are no decimals to round.
  if (shifted >= Number.MAX_SAFE_INTEGER) return value
  const rounded = shift(Math.round(shifted), -decimals)
  return value < 0 && rounded !== 0 ? -rounded : rounded
}

/** Times a power of ten, without the error that a multiplication would bring. */
function shift(value: number, places: number): number {
  const [digits = '0', exponent = '0'] = String(value).split('e')
  return Number(`${digits}e${Number(exponent) + places}`)
}
