import { createHash } from 'node:crypto'
import { chmodSync, lstatSync, mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ConfigurationError } from '../errors/errors.ts'
import { userId } from './own-entry.ts'

/** The kernel cuts longer ones: 108 bytes on Linux, 104 on macOS, with the closing zero. */
const maxSocketPath = 100

/**
 * Where the server of a directory listens: in the directory, or, where that path is too long for a socket, in
 * a directory of this user below the system's temporary one.
 *
 * @throws ConfigurationError when another user has put something there.
 */
export function socketPath(directory: string): string {
  const inside = join(directory, 'ripen.sock')
  if (Buffer.byteLength(inside) <= maxSocketPath) return inside
  const user = userId() ?? 0
  const outside = join(tmpdir(), `ripen-${user}`)
  mkdirSync(outside, { recursive: true, mode: 0o700 })
  const found = lstatSync(outside)
  if (!found.isDirectory() || found.uid !== user)
    throw new ConfigurationError('url', `must be a shorter path: sockets of long paths go to ${outside}, which belongs to another user`)
  chmodSync(outside, 0o700)
  return join(outside, `${createHash('sha256').update(directory).digest('hex').slice(0, 16)}.sock`)
}
