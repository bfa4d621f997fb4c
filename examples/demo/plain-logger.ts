import type { Logger } from '@ripen/store'

/** Ripen logs JSON by default; in a terminal the message is enough, and the error where there is one. */
export const plainLogger: Logger = { debug: () => undefined, info: write, warn: write, error: write }

function write(fields: object, message: string): void {
  console.error(...('err' in fields ? [message, fields.err] : [message]))
}
