/**
 * A value as JSON.RESP of RedisJSON shows it: text, whole numbers and null as they are, other numbers and
 * booleans as text, arrays after '[', objects as pairs after '{'.
 */
export function respForm(value: unknown): unknown {
  if (typeof value === 'boolean') return String(value)
  if (typeof value === 'number') return Number.isInteger(value) ? value : String(value)
  if (Array.isArray(value)) return ['[', ...value.map(respForm)]
  if (typeof value === 'object' && value !== null) return ['{', ...Object.entries(value).map(([key, member]) => [key, respForm(member)])]
  return value
}
