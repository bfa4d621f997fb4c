/**
 * What Ripen's own packages use of the store beyond its public API. It may change in any version: all
 * packages of a release belong together.
 */
export { acrossCopies } from './errors/across-copies.ts'
export { Bell } from './connection/bell.ts'
export { CallConnection, untilReady } from './connection/call-connection.ts'
export { Caller, type CallBounds, type Client } from './call/caller.ts'
export { ChannelSource } from './channel/channel-source.ts'
export { watchChannel } from './channel/watch-channel.ts'
export type { Clock } from './clock/clock.ts'
export { realClock } from './clock/real-clock.ts'
export { keyTag } from './script/key-tag.ts'
export { epochMilliseconds, longestDuration, milliseconds } from './options/duration.ts'
export { callForeign } from './foreign/call-foreign.ts'
export { describeError, isError, isErrorLike, type DescribedError } from './foreign/describe-error.ts'
export { bytesText, cut, firstOf, read, textOf } from './foreign/foreign-text.ts'
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
} from './options/options.ts'
export { isOutage, registerScriptError } from './call/reply-error.ts'
export type { Replicated, Replication } from './call/replicated-caller.ts'
export { because } from './errors/ripen-error.ts'
export { showAs } from './errors/shown-form.ts'
export { sendScript, type Script, type ScriptArgument, type ScriptCall } from './script/script.ts'
export { openStoreWithClock } from './open-store.ts'
export { internals, type RipenStore } from './store.ts'
export { calls } from './connection/connections.ts'
export { stoppable } from './connection/stoppable.ts'
export { threadFile } from './thread-file.ts'
export { createClient } from './connection/create-client.ts'
export type { Target } from './connection/target.ts'
