/** What Ripen's own packages use of the store beyond its public face. No promise of stability: all packages of a release go together. */
export { acrossCopies } from './across-copies.ts'
export { Bell } from './bell.ts'
export { CallConnection, untilReady } from './call-connection.ts'
export { Caller, type CallBounds, type Client } from './caller.ts'
export { ChannelSource } from './channel/channel-source.ts'
export { watchChannel } from './channel/watch-channel.ts'
export type { Clock } from './clock/clock.ts'
export { realClock } from './clock/real-clock.ts'
export { keyTag } from './key-tag.ts'
export { epochMilliseconds, longestDuration, milliseconds } from './duration.ts'
export { callForeign } from './foreign/call-foreign.ts'
export { describeError, type DescribedError } from './foreign/describe-error.ts'
export { cut, firstOf, read, textOf } from './foreign/foreign-text.ts'
export { toError } from './foreign/to-error.ts'
export {
  any,
  boolean,
  identifier,
  integer,
  logger,
  name,
  number,
  oneOf,
  optional,
  parseOptions,
  queueName,
  signal,
  soughtIdentifier,
  span,
  text,
  wellFormed,
  type Rule,
} from './options.ts'
export { isOutage, registerScriptError } from './reply-error.ts'
export type { Replicated, Replication } from './replicated-caller.ts'
export { because } from './ripen-error.ts'
export { showAs } from './shown-form.ts'
export { sendScript, type Script, type ScriptArgument, type ScriptCall } from './script.ts'
export { openStoreWithClock } from './open-store.ts'
export { internals, type RipenStore } from './store.ts'
export { calls } from './connections.ts'
export { stoppable } from './stoppable.ts'
export { threadFile } from './thread-file.ts'
export { createClient } from './create-client.ts'
export type { Target } from './target.ts'
