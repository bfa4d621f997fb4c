import { ReplyError } from 'ioredis'
import { describe, expect, test } from 'vitest'
import { AccessError, CommandError, ConnectionError, EmptySetError, RipenError, StoreFullError, WrongTypeError } from '../errors/errors.ts'
import { classifyFailure, isBlindRefusal, isOutage, registerScriptError, UnwrittenError } from './reply-error.ts'

function reply(message: string): Error {
  return new (ReplyError as unknown as new (message: string) => Error)(message)
}

/** An error as ioredis makes it when a connection goes. */
function named(name: string, message: string, cause?: Error): Error {
  return Object.assign(new Error(message, { cause }), { name })
}

describe('a reply that says', () => {
  test.each([
    'TRYAGAIN Multiple keys request during rehashing of slot',
    'ASK 3999 127.0.0.1:6381',
    'MOVED 3999 127.0.0.1:6381',
    'LOADING Redis is loading the dataset in memory',
    "READONLY You can't write against a read only replica.",
    'CLUSTERDOWN Hash slot not served',
    'ERR max number of clients reached',
    'ERR max number of clients + cluster connections reached',
    'MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to no.',
    'BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.',
    'UNBLOCKED force unblock from blocking operation, instance state changed (master -> replica?)',
  ])('%s is an outage: not applied, to be sent again', (message) => {
    const cause = reply(message)
    const { kind, error } = classifyFailure(cause)
    expect(kind).toBe('refused')
    expect(error).toBeInstanceOf(ConnectionError)
    expect(error.message).toContain(message)
    expect(error.cause).toMatchObject({ name: 'ReplyError', message })
  })

  test.each([
    ['NOAUTH Authentication required.', ConnectionError, 'RIPEN_CONNECTION'],
    ['WRONGPASS invalid username-password pair or user is disabled.', ConnectionError, 'RIPEN_CONNECTION'],
    ["OOM command not allowed when used memory > 'maxmemory'.", StoreFullError, 'RIPEN_STORE_FULL'],
    [
      "ERR Error running script (call to f_1): @user_script:7: OOM command not allowed when used memory > 'maxmemory'.",
      StoreFullError,
      'RIPEN_STORE_FULL',
    ],
    ['WRONGTYPE Operation against a key holding the wrong kind of value', WrongTypeError, 'RIPEN_WRONG_TYPE'],
    [
      'WRONGTYPE Operation against a key holding the wrong kind of value script: 12ab, on @user_script:3.',
      WrongTypeError,
      'RIPEN_WRONG_TYPE',
    ],
    ["ERR unknown command 'JSON.SET', with args beginning with:", CommandError, 'RIPEN_COMMAND'],
    ['EXECABORT Transaction discarded because of previous errors.', CommandError, 'RIPEN_COMMAND'],
    ['', CommandError, 'RIPEN_COMMAND'],
  ])('%s is final', (message, kind, code) => {
    const failure = classifyFailure(reply(message))
    expect(failure.kind).toBe('final')
    expect(failure.error).toBeInstanceOf(kind)
    expect(failure.error.code).toBe(code)
  })
})

describe('a refusal names what is missing', () => {
  const script = 'script: 12ab, on @user_script:3.'
  test.each([
    ["NOPERM this user has no permissions to run the 'eval' command or its subcommand", 'command eval'],
    ["NOPERM this user has no permissions to run the 'eval' command", 'command eval'],
    ["NOPERM User ada has no permissions to run the 'config|get' command", 'command config|get'],
    ['NOPERM this user has no permissions to access one of the keys used as arguments', 'a key'],
    ['NOPERM No permissions to access a key', 'a key'],
    ["NOPERM User ada has no permissions to access the '{ripen:mail:0}:jobs' key", 'key {ripen:mail:0}:jobs'],
    ['NOPERM this user has no permissions to access one of the channels used as arguments', 'a channel'],
    ['NOPERM No permissions to access a channel', 'a channel'],
    [
      "ERR Error running script (call to f_12ab): @user_script:3: @user_script: 3: The user executing the script can't run this command or subcommand",
      'a command',
    ],
    [`ERR The user executing the script can't run this command or subcommand ${script}`, 'a command'],
    [`ERR The user executing the script can't access at least one of the keys mentioned in the command arguments ${script}`, 'a key'],
    [`ERR The user executing the script can't publish to the channel mentioned in the command ${script}`, 'a channel'],
    [`ERR ACL failure in script: User ada has no permissions to run the 'zadd' command ${script}`, 'command zadd'],
    [`ERR ACL failure in script: No permissions to access a key ${script}`, 'a key'],
    [`ERR ACL failure in script: No permissions to access a channel ${script}`, 'a channel'],
  ])('%s', (message, missing) => {
    const cause = reply(message)
    const { kind, error } = classifyFailure(cause)
    expect(kind).toBe('final')
    expect(error).toBeInstanceOf(AccessError)
    expect(error).toMatchObject({ code: 'RIPEN_ACCESS', missing, cause })
  })
})

test.each(['GONE_AWAY the set name', 'ERR GONE_AWAY the set name', '-GONE_AWAY the set name'])(
  "a script's own code becomes the class that a package registered: %s",
  (message) => {
    registerScriptError('GONE_AWAY', (text) => new EmptySetError(text))
    const failure = classifyFailure(reply(message))
    expect(failure.kind).toBe('final')
    expect(failure.error).toBeInstanceOf(EmptySetError)
    expect(failure.error.message).toBe('the set name is empty')
  },
)

describe('without a reply', () => {
  test.each([
    named('MaxRetriesPerRequestError', 'Reached the max retries per request limit (which is 0).', new Error('read ECONNRESET')),
    named('Error', 'Connection is closed.'),
    named('Error', 'Socket timeout. Expecting data, but did not receive any in 5000ms.'),
    named('AbortError', 'Command aborted due to connection close'),
  ])('%s: the call may have been applied', (error) => {
    const failure = classifyFailure(error)
    expect(failure.kind).toBe('unanswered')
    expect(failure.error).toBeInstanceOf(ConnectionError)
    const { name, message } = (error.cause ?? error) as Error
    expect(failure.error.cause).toMatchObject({ name, message })
  })

  test('of a call that was never written: it was not applied', () => {
    const cause = new Error('Connection is closed.')
    expect(classifyFailure(new UnwrittenError(cause))).toMatchObject({ kind: 'refused', error: { code: 'RIPEN_CONNECTION', cause } })
  })

  test('of a call that was never written, because no node lets us in: that is final', () => {
    const cause = Object.assign(new Error('Failed to refresh slots cache.'), { lastNodeError: reply('NOAUTH Authentication required.') })
    expect(classifyFailure(new UnwrittenError(cause)).kind).toBe('final')
  })

  test('an error of Ripen stays what it is', () => {
    const error = new EmptySetError('a set')
    expect(classifyFailure(error)).toEqual({ kind: 'final', error })
  })

  test.each([['text'], [undefined], [null], [{ message: 'no Error' }]])('a thrown %o is an error too', (thrown) => {
    expect(classifyFailure(thrown).error).toBeInstanceOf(RipenError)
  })
})

describe('whether waiting may help', () => {
  test.each([
    ['LOADING Redis is loading the dataset in memory', true],
    ['ERR max number of clients reached', true],
    ['WRONGPASS invalid username-password pair or user is disabled.', false],
    ['NOAUTH Authentication required.', false],
    ["NOPERM this user has no permissions to run the 'eval' command", false],
    ["OOM command not allowed when used memory > 'maxmemory'.", false],
    ['ERR unknown command', false],
  ])('after %s: %s', (message, expected) => {
    expect(isOutage(classifyFailure(reply(message)).error)).toBe(expected)
  })

  test('is told of an error of another copy too, and of what is none', () => {
    expect(isOutage({ code: 'RIPEN_CONNECTION' })).toBe(true)
    expect(isOutage({ code: 'RIPEN_CONNECTION', final: true })).toBe(false)
    for (const other of [undefined, null, 'RIPEN_CONNECTION', new Error('some')]) expect(isOutage(other)).toBe(false)
  })

  test('a refusal that came before the call was looked at tells nothing of an earlier try', () => {
    for (const message of ['WRONGPASS x', 'NOPERM x', "OOM command not allowed when used memory > 'maxmemory'."])
      expect(isBlindRefusal(classifyFailure(reply(message)).error)).toBe(true)
    expect(isBlindRefusal(classifyFailure(reply('ERR some')).error)).toBe(false)
    // One that the code itself throws in a second try.
    expect(isBlindRefusal(new ConnectionError('it may have been applied'))).toBe(false)
  })
})
