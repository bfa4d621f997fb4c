// Which lines of a TypeScript or JavaScript file begin inside a template literal: what looks like a comment
// there is text.

const beforeRegExp = /(?:^|[([{,;=:!&|?+\-*%~^<>]|\b(?:return|typeof|case|in|of|await|yield|void|delete|else|do))\s*$/

/** The indices of those lines, from 0. */
export function linesInTemplates(text) {
  const found = new Set()
  /**
   * For each template that is open, how many braces are open in the `${}` of it that is being read; -1
   * outside of one.
   */
  const open = []
  let line = 0
  let code = ''
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '\n') {
      line++
      code = ''
      if (open.at(-1) === -1) found.add(line)
    } else if (open.at(-1) === -1) {
      if (text[at] === '\\') at++
      else if (text[at] === '`') open.pop()
      else if (text.startsWith('${', at)) {
        open[open.length - 1] = 0
        at++
      }
      if (text[at] === '\n') at--
    } else {
      const skipped = skip(text, at, code)
      if (skipped > 0) {
        line += text.slice(at, at + skipped).split('\n').length - 1
        code += 'x'
        at += skipped - 1
        continue
      }
      code += text[at]
      if (text[at] === '`') open.push(-1)
      else if (open.length > 0 && text[at] === '{') open[open.length - 1]++
      else if (open.length > 0 && text[at] === '}' && --open[open.length - 1] < 0) open[open.length - 1] = -1
    }
  }
  return found
}

/** The length of the comment, string or regular expression that begins here, else 0. */
function skip(text, at, code) {
  const rest = text.slice(at, at + 2)
  if (rest === '//') return lengthOf(/[^\n]*/y, text, at)
  if (rest === '/*') return lengthOf(/\/\*[^]*?\*\//y, text, at)
  if (rest[0] === "'" || rest[0] === '"') return lengthOf(/(['"])(?:\\[^]|(?!\1)[^\\\n])*\1/y, text, at)
  if (rest[0] === '/' && beforeRegExp.test(code)) return lengthOf(/\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+\/\w*/y, text, at)
  return 0
}

function lengthOf(pattern, text, at) {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0].length ?? 0
}
