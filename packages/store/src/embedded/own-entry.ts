import { lstatSync, mkdirSync, realpathSync, type Stats } from 'node:fs'
import { resolve } from 'node:path'
import { ConfigurationError } from '../errors/errors.ts'
import { isMissing } from './file-fault.ts'

/** Permissions to write for the group and for all. */
const writableByOthers = 0o022

/**
 * The directory of a server, made for this user alone when it is not there. One that was there keeps its
 * permissions.
 *
 * @throws ConfigurationError when it belongs to another user, or others may write to it: they could put a
 *   server of their own there.
 */
export function ownDirectory(directory: string): string {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const place = realpathSync(resolve(directory))
  const found = lstatSync(place)
  refuseForeign(directory, place, found)
  if (userId() !== undefined && (found.mode & writableByOthers) !== 0)
    throw new ConfigurationError(
      'url',
      `must name a directory that only this user can write to: others can write to ${place}; remove that right (chmod go-w) or name another directory`,
      `embedded:${directory}`,
    )
  return place
}

/**
 * @throws ConfigurationError when there is a socket of another user, or something else, where the server of
 *   the directory listens.
 */
export function ownSocket(directory: string, socket: string): void {
  try {
    const found = lstatSync(socket)
    refuseForeign(directory, socket, found)
    if (!found.isSocket())
      throw new ConfigurationError(
        'url',
        `must name a directory for the files of the server: ${socket} is not a socket; move it away or name another directory`,
        `embedded:${directory}`,
      )
  } catch (error) {
    if (!isMissing(error)) throw error
  }
}

function refuseForeign(directory: string, path: string, { uid }: Stats): void {
  const user = userId()
  if (user === undefined || uid === user) return
  throw new ConfigurationError(
    'url',
    `must name a directory of this user (${user}): ${path} belongs to user ${uid}; change its owner (chown) or name another directory`,
    `embedded:${directory}`,
  )
}

/** The user id of this process; undefined on systems without user ids. */
export function userId(): number | undefined {
  return process.geteuid?.()
}
