import { ConfigurationError } from '../errors/errors.ts'

/** The revision, times and key of a channel. Times are the server's, in seconds and microseconds. */
export interface ChannelMeta {
  /** The key on the server. */
  readonly key: string
  readonly rev: number
  readonly epoch: number
  /** When it was created or last reset. */
  readonly created_at: readonly [seconds: number, microseconds: number]
  /** When it was last changed. Each change is later than the one before. */
  readonly updated_at: readonly [seconds: number, microseconds: number]
}

const fields: readonly string[] = ['key', 'rev', 'epoch', 'created_at', 'updated_at'] satisfies (keyof ChannelMeta)[]

export function metaField(key: unknown): keyof ChannelMeta {
  if (!fields.includes(key as string)) throw new ConfigurationError('key', `must be one of ${fields.join(', ')}`, key)
  return key as keyof ChannelMeta
}

/** @param answer rev, epoch, created, updated; null where the channel is not initialised. */
export function readMeta(key: string, answer: unknown): ChannelMeta | null {
  if (answer === null) return null
  const [rev, epoch, created, updated] = answer as [number, number, number, number]
  return { key, rev, epoch, created_at: pair(created), updated_at: pair(updated) }
}

function pair(microseconds: number): [number, number] {
  return [Math.floor(microseconds / 1_000_000), microseconds % 1_000_000]
}
