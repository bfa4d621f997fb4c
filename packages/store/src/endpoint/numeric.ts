/**
 * The number that a raw value is or that its text gives, like Python's `float` but for infinities; undefined
 * for anything else.
 */
export function numeric(raw: unknown): number | undefined {
  if (typeof raw === 'string' && /^\s*[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?\s*$/i.test(raw)) return numeric(Number(raw))
  return typeof raw === 'number' && Number.isFinite(raw) ? raw : undefined
}
