import { randomBytes } from 'node:crypto'
import { linkSync, readFileSync, readlinkSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { TimedOutError } from '../errors/errors.ts'

/** How often a process looks whether another has left, in ms. */
const lookEvery = 20

/** No start and no stop takes longer, in ms: a start asks for a server, starts one and stops it again. */
const longestHold = 90_000

/**
 * Excludes other processes of this machine from starting or stopping the server of a directory; two servers
 * on one append-only file would destroy it. Held for the length of a start or a stop only. A lock whose
 * process has died is taken over: the process of that number is known by when it started, or, of another
 * container, by the age of the lock.
 *
 * @param patience ms to wait for another process.
 * @returns the function that releases the lock.
 * @throws TimedOutError
 */
export async function lockDirectory(directory: string, patience: number): Promise<() => void> {
  const file = join(directory, 'ripen.lock')
  const deadline = Date.now() + patience
  for (;;) {
    const token = `${process.pid} ${startOf(process.pid)} ${space()} ${randomBytes(8).toString('hex')}`
    if (take(file, token)) {
      return () => {
        if (read(file) === token) rmSync(file, { force: true })
      }
    }
    const owner = read(file)
    if (owner !== undefined && isStale(file, owner)) evict(file, owner)
    else if (Date.now() > deadline)
      throw new TimedOutError(`${file} is held by process ${owner?.split(' ')[0] ?? 'unknown'}: it starts or stops the server there`)
    else await pause(lookEvery)
  }
}

/** A link appears with its content and only where nothing is: nobody reads a half-written lock. */
function take(file: string, token: string): boolean {
  const draft = `${file}.${token.replaceAll(' ', '-')}`
  writeFileSync(draft, token, { mode: 0o600, flag: 'wx' })
  try {
    linkSync(draft, file)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  } finally {
    rmSync(draft, { force: true })
  }
}

/** Moves the lock of a dead process away; when it was another's by then, that one gets it back. */
function evict(file: string, owner: string): void {
  const aside = `${file}.${randomBytes(8).toString('hex')}`
  try {
    renameSync(file, aside)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
    throw error
  }
  try {
    if (read(aside) !== owner) linkSync(aside, file)
  } catch (error) {
    // A third has it by now.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    rmSync(aside, { force: true })
  }
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** A lock with other content than a process writes has no owner. */
function isStale(file: string, owner: string): boolean {
  const [, pid, start, home] = /^(\d+) (\d+) (\d+) [0-9a-f]{16}$/.exec(owner) ?? []
  if (pid === undefined) return true
  if (home !== space()) return ageOf(file) > longestHold
  // The lock belongs to this process, whose other threads and copies of the package hold locks too, or to an
  // earlier process with the same number, which is common in containers.
  if (Number(pid) === process.pid) {
    const own = startOf(process.pid)
    return own === '0' ? ageOf(file) > longestHold : own !== start
  }
  try {
    process.kill(Number(pid), 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return true
  }
  return startOf(Number(pid)) !== start
}

/** When a process started, in ticks of the kernel; 0 where there is no telling. */
function startOf(pid: number): string {
  try {
    // After the name, which may have blanks and parentheses: the 20th field, the 22nd of all.
    return readFileSync(`/proc/${pid}/stat`, 'latin1').replace(/^.*\)/s, '').trim().split(' ')[19] ?? '0'
  } catch {
    return '0'
  }
}

/** The numbers of processes count in this name space: containers that share a directory have others. */
function space(): string {
  try {
    return /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? '0'
  } catch {
    return '0'
  }
}

/** In ms. */
function ageOf(file: string): number {
  try {
    return Date.now() - statSync(file).mtimeMs
  } catch {
    return 0
  }
}
