import { randomBytes } from 'node:crypto'
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { TimedOutError } from '../errors.ts'

/** How often a process looks whether another has left, in ms. */
const lookEvery = 20

const held = new Set<string>()

/**
 * Excludes other processes of this machine from starting or stopping the server of a directory; two servers on one append-only file would destroy it. Held for the length of a
 * start or a stop only. A lock whose process has died is taken over.
 *
 * @param patience ms to wait for another process.
 * @returns the function that releases the lock.
 * @throws TimedOutError
 */
export async function lockDirectory(directory: string, patience: number): Promise<() => void> {
  const file = join(directory, 'ripen.lock')
  const deadline = Date.now() + patience
  for (;;) {
    const token = `${process.pid} ${randomBytes(8).toString('hex')}`
    if (take(file, token)) {
      held.add(token)
      return () => {
        held.delete(token)
        if (read(file) === token) rmSync(file, { force: true })
      }
    }
    const owner = read(file)
    if (owner !== undefined && isDead(owner)) evict(file, owner)
    else if (Date.now() > deadline)
      throw new TimedOutError(`${file} is held by process ${owner?.split(' ')[0] ?? 'unknown'}: it starts or stops the server there`)
    else await pause(lookEvery)
  }
}

/** A link appears with its content and only where nothing is: nobody reads a half-written lock. */
function take(file: string, token: string): boolean {
  const draft = `${file}.${token.replace(' ', '-')}`
  writeFileSync(draft, token)
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
  if (read(aside) !== owner) linkSync(aside, file)
  rmSync(aside, { force: true })
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

function isDead(owner: string): boolean {
  const pid = Number(owner.split(' ')[0])
  // In a container a process often gets the number of the one before it.
  if (pid === process.pid) return !held.has(owner)
  try {
    process.kill(pid, 0)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
}
