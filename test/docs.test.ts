import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { shardKeys } from '../packages/queue/src/shard/keys.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const run = promisify(execFile)
const read = (path: string): string => readFileSync(join(root, path), 'utf8')

/** A program of README.md: a block of TypeScript, with what hidden comments put before and after it. */
interface Program {
  readonly name: string
  readonly visible: string
  readonly text: string
  /** False for a block under `<!-- only compiled: … -->`. */
  readonly runs: boolean
  /** What `// →` comments behind console.log say that it prints, line by line. */
  readonly prints: readonly string[]
}

const block = /(?:<!-- before\n([\s\S]*?)-->\n)?(<!-- only compiled: .+ -->\n)?```ts\n([\s\S]*?)```\n(?:<!-- after\n([\s\S]*?)-->\n)?/g

function programs(markdown: string): Program[] {
  return [...markdown.matchAll(block)].map(([, before = '', onlyCompiled, visible = '', after = ''], index) => ({
    name: `program-${index + 1}`,
    visible,
    text: `${before}${visible}${after}export {}\n`,
    runs: onlyCompiled === undefined,
    // The first program is an example, whose output is kept beside it.
    prints: index === 0 ? lines(read('examples/01-first-job.txt')) : printed(visible),
  }))
}

function printed(program: string): string[] {
  return [...program.matchAll(/\) \/\/ → (.*)$/gm)].flatMap(([, comment = '']) => comment.split(' // → '))
}

function lines(text: string): string[] {
  return text.trimEnd() === '' ? [] : text.trimEnd().split('\n')
}

const strictest = { strict: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true }

describe('the programs of README.md', () => {
  const readme = read('README.md')
  const all = programs(readme)
  let project = ''
  let complaints = ''

  beforeAll(async () => {
    project = mkdtempSync(join(tmpdir(), 'ripen-docs-'))
    symlinkSync(join(root, 'node_modules'), join(project, 'node_modules'), 'junction')
    writeFileSync(join(project, 'package.json'), '{ "type": "module" }')
    for (const { name, text } of all) writeFileSync(join(project, `${name}.ts`), text)
    const compilerOptions = { ...strictest, target: 'es2023', lib: ['esnext'], types: ['node'], module: 'nodenext', skipLibCheck: true }
    writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: all.map(({ name }) => `${name}.ts`) }))
    const compiler = join(root, 'node_modules/typescript/bin/tsc')
    complaints = await run(process.execPath, [compiler, '-p', project], { timeout: 120_000 }).then(
      ({ stdout }) => stdout,
      (error: { stdout: string; message: string }) => error.stdout || error.message,
    )
  }, 150_000)

  afterAll(() => rmSync(project, { recursive: true, force: true }))

  test('none is left out', () => {
    expect(all).toHaveLength(readme.match(/^```ts$/gm)?.length ?? 0)
  })

  test('all compile', () => {
    expect(complaints).toBe('')
  })

  test.each(all.filter(({ runs }) => runs))(
    '$name runs on the embedded server, prints what it says, and ends',
    async ({ name, prints }) => {
      const directory = join(project, `${name}-runs-here`)
      mkdirSync(directory)
      const { RIPEN_URL: _ripen, REDIS_URL: _redis, NODE_OPTIONS: _options, ...environment } = process.env
      const options = { cwd: directory, env: { ...environment, RIPEN_LOG_LEVEL: 'silent' }, timeout: 25_000 }
      const { stdout, stderr } = await run(process.execPath, [join(project, `${name}.js`)], options)
      expect(stderr).toBe('')
      expect(lines(stdout)).toEqual(prints)
    },
  )

  test('the first is the first example, whole', () => {
    expect(all[0]?.visible).toBe(read('examples/01-first-job.ts'))
  })
})

describe('what the documents name is there', () => {
  const files = filesBelow(root, '')
  const documents = files.filter((file) => file.endsWith('.md') && !file.startsWith('.changeset/'))

  test.each(documents)('%s: links', (document) => {
    const links = [...read(document).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target)
    const broken = links.filter((link) => !/^https?:/.test(link) && !isThere(document, link))
    expect(broken).toEqual([])
  })

  test.each(documents)('%s: files', (document) => {
    const named = [...read(document).matchAll(/`([\w./-]+\.(?:ts|lua|mjs))`/g)].map(([, file = '']) => file)
    const unknown = named.filter((name) => !files.some((file) => file === name || file.endsWith(`/${name}`)))
    expect(unknown).toEqual([])
  })

  test('ARCHITECTURE.md has every key, and docs/states.md every script of jobs', () => {
    const keys = Object.keys(shardKeys('ripen', 'mail', 0))
    expect(keys.filter((key) => !read('ARCHITECTURE.md').includes(`\`${key}\``))).toEqual([])
    const scripts = files
      .filter((file) => /^packages\/queue\/lua\/(?:features\/[\w-]+\/scripts\/)?(?!set-)[\w-]+\.lua$/.test(file))
      .map((file) => file.slice('packages/queue/'.length))
    expect(scripts.filter((script) => !read('docs/states.md').includes(`\`${script}\``))).toEqual([])
  })

  function isThere(document: string, link: string): boolean {
    const [path = '', anchor] = link.split('#')
    const target = path === '' ? join(root, document) : resolve(root, dirname(document), path)
    if (!existsSync(target)) return false
    if (anchor === undefined) return true
    const headings = [...readFileSync(target, 'utf8').matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => heading)
    return headings.some(
      (heading) =>
        heading
          .toLowerCase()
          .replace(/[^\w\- ]/g, '')
          .replaceAll(' ', '-') === anchor,
    )
  }
})

/** Files of the repository, relative to it, without what is installed, built or generated. */
function filesBelow(directory: string, path: string): string[] {
  const left = new Set(['node_modules', 'dist', '.git', 'coverage', 'results'])
  return readdirSync(join(directory, path), { withFileTypes: true }).flatMap((entry) => {
    if (left.has(entry.name)) return []
    const inside = path === '' ? entry.name : `${path}/${entry.name}`
    return entry.isDirectory() ? filesBelow(directory, inside) : [inside]
  })
}
