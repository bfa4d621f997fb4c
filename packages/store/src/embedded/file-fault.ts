import { ConfigurationError } from '../errors/errors.ts'

const remedies: Readonly<Record<string, string>> = {
  EACCES: 'give this user write access, or name another directory',
  EPERM: 'give this user write access, or name another directory',
  EROFS: 'name a writable directory',
  ENOSPC: 'free some space, or name another directory',
  EDQUOT: 'free some space, or name another directory',
  ENOENT: 'do not remove the directory while it is in use',
}

/**
 * An error of the file system as one that says what to do; any other error as it is. @param directory of the
 * server.
 */
export function fileFault(directory: string, error: unknown): unknown {
  if (!isFileError(error)) return error
  const { code, syscall, path = directory } = error
  const remedy = remedies[code] ?? 'move what is in the way, or name another directory'
  return new ConfigurationError(
    'url',
    `must name a directory for the files of the server (${code} from ${syscall} on ${path}): ${remedy}`,
    `embedded:${directory}`,
  )
}

/** Whether what was looked for is not there. */
export function isMissing(error: unknown): boolean {
  return isFileError(error) && error.code === 'ENOENT'
}

function isFileError(error: unknown): error is NodeJS.ErrnoException & { readonly code: string; readonly syscall: string } {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && 'syscall' in error
}
