import { expect, test } from 'vitest'
import { wrapped } from '../scripts/wrap-comments.mjs'

const long = 'the quick brown fox jumps over the lazy dog, and '
const text = `${long.repeat(3)}rests`

test('comments are wrapped at 110 columns', () => {
  const source = `  // ${text}\n  call()\n  /** ${text} */\n`
  expect(wrapped(source, 'typescript')).toBe(
    [
      '  // the quick brown fox jumps over the lazy dog, and the quick brown fox jumps over the lazy dog, and the',
      '  // quick brown fox jumps over the lazy dog, and rests',
      '  call()',
      '  /**',
      '   * the quick brown fox jumps over the lazy dog, and the quick brown fox jumps over the lazy dog, and the',
      '   * quick brown fox jumps over the lazy dog, and rests',
      '   */',
      '',
    ].join('\n'),
  )
})

test.for<[string, 'typescript' | 'lua', string, string]>([
  ['lines of a paragraph are joined', 'lua', '-- one thing that\n-- goes on', '-- one thing that goes on'],
  ['a sentence stays on its own line', 'lua', '-- One thing.\n-- Another one', '-- One thing.\n-- Another one'],
  ['so do items', 'typescript', '// these:\n// - one\n// - two', '// these:\n// - one\n// - two'],
  ['an item goes on below its text', 'typescript', `// - ${text}`, `// - ${long.repeat(2)}the\n//   ${long.slice(4)}rests`],
  [
    'a tag goes on by two',
    'typescript',
    `/** @param one ${text} */`,
    `/**\n * @param one ${long.repeat(2).slice(0, -4)}\n *   and ${long}rests\n */`,
  ],
  [
    'code in a comment is not split',
    'typescript',
    `// ${long.repeat(2)}\`one and two\``,
    `// ${long.repeat(2).trim()}\n// \`one and two\``,
  ],
  ['a word that would begin an item stays behind', 'lua', `-- ${long.repeat(2)}- no`, `-- ${long.repeat(2)}- no`],
])('%s', ([, language, source, result]) => {
  const trimmed = result.replace(/ +$/gm, '')
  expect(wrapped(source, language)).toBe(trimmed)
  expect(wrapped(trimmed, language)).toBe(trimmed)
})

test.for<[string, 'typescript' | 'lua', string]>([
  ['what stands behind code', 'typescript', `call() // ${text}`],
  ['directives of scripts', 'lua', `-- @needs ${text}`],
  ['directives of tools', 'typescript', `// @ts-expect-error: ${text}`],
  ['tables', 'typescript', `/**\n * | ${text} |\n */`],
  ['code in fences', 'typescript', `/**\n * \`\`\`ts\n * ${text}\n * \`\`\`\n */`],
  ['indented lines', 'typescript', `// such as\n//   ${text}\n// and`],
  ['text of templates', 'typescript', `const source = \`\n// ${text}\n\${one ? \`{\n// ${text}\` : '}'}\n// ${text}\``],
])('%s are left alone', ([, language, source]) => {
  expect(wrapped(source, language)).toBe(source)
})

test('a template ends where it ends', () => {
  const source = `const text = \`a\${{ b: '}' }}\n\` // it's\nconst one = /[\`/]/\n// ${text}`
  expect(wrapped(source, 'typescript').split('\n')).toHaveLength(5)
})
