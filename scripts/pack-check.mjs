// Shows that the packed packages work for a stranger: installs the tarballs into an empty project, compiles
// programs there with the strictest settings, and runs them under plain node, where they have to end by
// themselves with exit code 0.
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { packPackages } from './pack-packages.mjs'
import { projectRoot } from './package-manager.mjs'

// The README's first program is the first example.
const programs = ['examples/01-first-job.ts', 'test/packed/first-program.ts']
/** Compiles because each of its mistakes is refused. */
const mistakes = 'test/packed/wrong-types.ts'
/** As they are. */
const plain = 'test/packed/required.cjs'
const runBound = 60_000

const project = mkdtempSync(join(tmpdir(), 'ripen-packed-'))
try {
  console.log('packing')
  const packed = packPackages(project)
  for (const { name, tarball, directory } of packed) refuseStaleOutput(name, tarball, directory)

  writeJson('package.json', {
    name: 'first-program',
    private: true,
    type: 'module',
    dependencies: Object.fromEntries(packed.map(({ name, tarball }) => [name, `file:${basename(tarball)}`])),
    devDependencies: { typescript: installedVersion('typescript'), '@types/node': installedVersion('@types/node') },
  })
  writeJson('tsconfig.json', {
    compilerOptions: {
      target: 'es2023',
      module: 'nodenext',
      types: ['node'],
      strict: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck: false,
      declaration: true,
      isolatedDeclarations: true,
      outDir: 'dist',
      rootDir: '.',
    },
    files: [...programs, mistakes].map((file) => basename(file)),
  })
  for (const file of [...programs, mistakes, plain]) cpSync(join(projectRoot, file), join(project, basename(file)))

  run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline'], 240_000)
  run('node', ['node_modules/typescript/bin/tsc', '-p', '.'], 120_000)
  for (const file of programs) run('node', [join('dist', basename(file).replace(/\.ts$/, '.js'))], runBound)
  run('node', ['--no-warnings=ExperimentalWarning', basename(plain)], runBound)
  console.log('pack check: passed')
} finally {
  rmSync(project, { recursive: true, force: true })
}

function run(file, rest, timeout) {
  console.log(`$ ${[file, ...rest].join(' ')}`)
  // The program must find its server as a stranger's would: the embedded one.
  const { RIPEN_URL: _ripen, REDIS_URL: _redis, NODE_OPTIONS: _options, ...environment } = process.env
  execFileSync(file, rest, { cwd: project, env: environment, stdio: 'inherit', timeout, shell: process.platform === 'win32' })
}

function writeJson(name, value) {
  writeFileSync(join(project, name), `${JSON.stringify(value, undefined, 2)}\n`)
}

function installedVersion(name) {
  return JSON.parse(readFileSync(join(projectRoot, 'node_modules', name, 'package.json'), 'utf8')).version
}

/** The compiler leaves the output of removed sources behind, and it would be published. */
function refuseStaleOutput(name, tarball, directory) {
  const files = execFileSync('tar', ['-tzf', tarball], { encoding: 'utf8' }).split('\n')
  for (const file of files) {
    const output = /^package\/dist\/(.+)\.js$/.exec(file)
    if (output !== null && !existsSync(join(directory, 'src', `${output[1]}.ts`))) {
      throw new Error(`${name} packs dist/${output[1]}.js, which has no source: run \`npm run clean\` and build again`)
    }
  }
}
