// The names that Lua code reads and does not declare: what a fragment needs of the script around it.
import luaparse from 'luaparse'

const language = new Set([
  'redis',
  'cjson',
  'string',
  'table',
  'math',
  'tonumber',
  'tostring',
  'type',
  'pcall',
  'ipairs',
  'pairs',
  'next',
  'unpack',
  'select',
  'KEYS',
  'ARGV',
])

const byCode = (one, other) => (one < other ? -1 : 1)

/** @returns the free names of a piece of code, sorted, and the names that it declares outside of blocks. */
export function namesOf(code) {
  const { globals, body } = luaparse.parse(code.replace(/@\w+(:\w+)?/g, '0'), { luaVersion: '5.1', scope: true, comments: false })
  const free = [...new Set(globals.map(({ name }) => name))].filter((name) => !language.has(name)).sort(byCode)
  const declared = body.flatMap((statement) => {
    if (statement.type === 'LocalStatement') return statement.variables.map(({ name }) => name)
    return statement.type === 'FunctionDeclaration' && statement.isLocal ? [statement.identifier.name] : []
  })
  return { free, declared: [...new Set(declared)] }
}

/** Every name of a script is declared before it is read. */
export function checkNames(file, text) {
  const { free } = namesOf(text)
  if (free.length > 0) throw new Error(`${file}: reads ${free.join(', ')}, which nothing declares`)
}

/**
 * What the fragments read and do not declare themselves, and what their `-- @needs` say, by the name of the
 * file.
 */
function needsOf({ fragments, hooked }) {
  return [...fragments, ...hooked].map(([name, text]) => {
    const needs = [...text.matchAll(/^-- @needs (.+)$/gm)].flatMap(([, names]) => names.split(', '))
    return { name, needs, free: namesOf(text).free }
  })
}

/** What a fragment reads and does not declare is in its `-- @needs`. */
export function checkNeeds(lua) {
  for (const { name, needs, free } of needsOf(lua)) {
    const undeclared = free.filter((one) => !needs.includes(one))
    if (undeclared.length > 0)
      throw new Error(
        `${name}.lua: reads ${undeclared.join(', ')}, which it does not declare: put '-- @needs ${free.join(', ')}' at its head`,
      )
  }
}

/** A fragment needs nothing that it does not read. */
export function checkIdleNeeds(lua) {
  for (const { name, needs, free } of needsOf(lua)) {
    const idle = needs.filter((one) => !free.includes(one))
    if (idle.length > 0) throw new Error(`${name}.lua: needs ${idle.join(', ')}, and does not read it`)
  }
}
