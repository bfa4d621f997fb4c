/**
 * A test for texts that match a pattern: `*` is any run of characters, dots included, `?` is one character,
 * the rest stands for itself. What stands between two stars is taken where it comes first, which is never
 * wrong: so a test takes at most the length of the text times that of the pattern, whatever they hold.
 */
export function glob(pattern: string): (text: string) => boolean {
  return (text) => {
    let [at, next] = [0, 0]
    // The last star, and how much of the text it stands for ends here.
    let [star, taken] = [-1, 0]
    while (at < text.length) {
      if (pattern[next] === '*') {
        star = next++
        taken = at
      } else if (next < pattern.length && (pattern[next] === '?' || pattern[next] === text[at])) {
        at++
        next++
      } else if (star >= 0) {
        next = star + 1
        at = ++taken
      } else return false
    }
    while (pattern[next] === '*') next++
    return next === pattern.length
  }
}
