/** A test for texts that match a pattern: `*` is any run of characters, dots included, `?` is one character, the rest stands for itself. */
export function glob(pattern: string): (text: string) => boolean {
  const source = pattern.replace(/\*+|\?|[\\^$.|+()[\]{}]/g, (found) => (found === '?' ? '.' : found.startsWith('*') ? '.*' : `\\${found}`))
  const expression = new RegExp(`^${source}$`, 's')
  return (text) => expression.test(text)
}
