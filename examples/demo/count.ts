/** A whole number as people read it: 4,001. */
export function count(value: number): string {
  return Math.round(value).toLocaleString('en-US')
}
