import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import * as store from '../index.ts'
import {
  ConfigurationError,
  EnqueueTimeoutError,
  errorTable,
  isRipenError,
  RipenError,
  TimedOutError,
  type RipenErrorCode,
} from './errors.ts'
import { because } from './ripen-error.ts'

const codes = Object.keys(errorTable) as RipenErrorCode[]

/** One error of each class, as the packages make them. */
const examples: RipenError[] = [
  new store.AccessError('command zadd'),
  new store.BulkError([new store.ClosingError('the store')]),
  new store.CancelledError('job', 'no longer wanted'),
  new store.ClosingError('the store'),
  new store.CommandError('unknown command'),
  new store.ConfigurationError('lease', 'must be positive', -1),
  new store.ConnectionError('no answer'),
  new store.DurabilityError('job', 1, 5_000),
  new store.EmptySetError('set'),
  new store.EndpointError(304, 'no such value'),
  new store.EnqueueTimeoutError('job', 5_000),
  new store.InvalidJobError('mail', [{ message: 'must be text', path: ['to', 0] }]),
  new store.JobFailedError('job', { message: 'boom' }),
  new store.JobGoneError('job'),
  new store.LayoutTooNewError(2, 1),
  new store.LeaseLostError('job'),
  new store.LockTimeoutError('tenant.42', 10_000),
  new store.PathError('a..b', 'must not have an empty segment'),
  new store.RevisionError('status', { epoch: 1, rev: 2 }),
  new store.StalledError(3),
  new store.ExpiredError(),
  new store.StoreFullError(),
  new store.TimedOutError('no result'),
  new store.WrongTypeError('a list'),
]

describe('the table of errors', () => {
  test.each(codes)('%s has a class that is exported, a meaning and a remedy', (code) => {
    const [className, meaning, remedy] = errorTable[code]
    const exported = (store as Record<string, unknown>)[className]
    expect(exported).toBeTypeOf('function')
    expect((exported as { prototype: unknown }).prototype).toBeInstanceOf(RipenError)
    expect(meaning).toMatch(/\.$/)
    expect(remedy).toMatch(/\.$/)
  })

  test.each(codes)('%s is the name of its class in upper snake case', (code) => {
    const words = errorTable[code][0].replace(/Error$/, '').split(/(?=[A-Z])/)
    expect(code).toBe(`RIPEN_${words.join('_').toUpperCase()}`)
  })

  test('has every class that is exported', () => {
    const exported = Object.entries(store).filter(([, value]) => typeof value === 'function' && value.prototype instanceof RipenError)
    expect(exported.map(([name]) => name).toSorted()).toEqual(codes.map((code) => errorTable[code][0]).toSorted())
  })

  test('every class has the code and the name of its row', () => {
    expect(examples.map((error) => error.code).toSorted()).toEqual(codes.toSorted())
    for (const error of examples) {
      expect(error.name).toBe(errorTable[error.code][0])
      expect(error.name).toBe(error.constructor.name)
      expect(error).toBeInstanceOf(Error)
      expect(error.message).not.toBe('')
    }
  })
})

describe('isRipenError', () => {
  test.each(examples)('knows $code, also from another copy and from another process', (error) => {
    const copy = Object.assign(new Error(error.message), { code: error.code })
    const revived: unknown = JSON.parse(JSON.stringify({ code: error.code, name: error.name, message: error.message }))
    for (const one of [error, copy, revived]) {
      expect(isRipenError(one)).toBe(true)
      expect(isRipenError(one, error.code)).toBe(true)
      expect(isRipenError(one, error.code === 'RIPEN_CLOSING' ? 'RIPEN_COMMAND' : 'RIPEN_CLOSING')).toBe(false)
    }
  })

  test.each([[undefined], [null], ['RIPEN_CLOSING'], [7], [new Error('RIPEN_CLOSING')], [{ code: 'ECONNREFUSED' }], [{ code: 7 }], [{}]])(
    '%o is none',
    (value) => {
      expect(isRipenError(value)).toBe(false)
      expect(isRipenError(value, 'RIPEN_CLOSING')).toBe(false)
    },
  )

  test('a name that every object has is no code', () => {
    for (const code of ['constructor', 'toString', '__proto__']) expect(isRipenError({ code })).toBe(false)
  })
})

describe('what errors carry', () => {
  test.each(examples)('a cause of $code has a name, a message, a code, a stack and its own causes, and nothing else', (example) => {
    const reply = Object.assign(new Error("ERR unknown command 'AUTH', with args beginning with: 'hunter2'"), {
      name: 'ReplyError',
      code: 'E_REPLY',
      command: { name: 'auth', args: ['hunter2'] },
    })
    const cause = Object.assign(new TypeError('wrapped', { cause: reply }), { config: { password: 'hunter2' } })
    const error = because(Object.create(example) as RipenError, cause)
    for (const shown of [inspect(error, { depth: null, showHidden: true }), JSON.stringify(error)]) expect(shown).not.toContain('hunter2')
    expect(error.cause).toBeInstanceOf(TypeError)
    expect(error.cause).toMatchObject({
      message: 'wrapped',
      cause: { name: 'ReplyError', code: 'E_REPLY', message: "ERR unknown command 'AUTH'" },
    })
  })

  test('a cause of Ripen is the error itself, and the parts of an AggregateError are kept', () => {
    const refused = new store.ClosingError('the store')
    expect(new store.ConnectionError('no', refused).cause).toBe(refused)
    const parts = new AggregateError([Object.assign(new Error('connect ECONNREFUSED ::1:1'), { code: 'ECONNREFUSED', options: {} })])
    expect(new store.ConnectionError('no', parts).cause).toMatchObject({ errors: [{ code: 'ECONNREFUSED' }] })
    expect('cause' in new store.ConnectionError('no')).toBe(false)
  })

  test('JSON has the message and the causes', () => {
    const error = new EnqueueTimeoutError('~abc', 5_000, new Error('refused', { cause: new TypeError('inner') }))
    expect(JSON.parse(JSON.stringify(error))).toEqual({
      name: 'EnqueueTimeoutError',
      code: 'RIPEN_ENQUEUE_TIMEOUT',
      message: error.message,
      jobId: '~abc',
      cause: { name: 'Error', message: 'refused', cause: { name: 'TypeError', message: 'inner' } },
    })
  })

  test('a ConfigurationError shows the value when there is one, also when it is undefined', () => {
    expect(new ConfigurationError('url', 'is needed').message).toBe('url: is needed')
    expect(new ConfigurationError('url', 'is needed', undefined).message).toBe('url: is needed, got undefined')
    expect(new ConfigurationError('url', 'is needed', 'x').option).toBe('url')
  })

  test('an EnqueueTimeoutError is a TimedOutError with the id to add again', () => {
    const cause = new Error('refused')
    const error = new EnqueueTimeoutError('~abc', 5_000, cause)
    expect(error).toBeInstanceOf(TimedOutError)
    expect(error).toMatchObject({ jobId: '~abc', cause, code: 'RIPEN_ENQUEUE_TIMEOUT', name: 'EnqueueTimeoutError' })
    expect(error.message).toContain('~abc')
  })

  test('an InvalidJobError says where and what', () => {
    const error = new store.InvalidJobError('mail', [{ message: 'must be text', path: ['to', 0] }, { message: 'too large' }])
    expect(error.message).toBe('mail: to.0: must be text; too large')
    expect(error.issues).toHaveLength(2)
  })

  test('a JobFailedError has the message and the error of the job', () => {
    const cause = { name: 'TypeError', message: 'x is not a function' }
    expect(new store.JobFailedError('job', cause)).toMatchObject({ message: cause.message, cause, jobId: 'job' })
  })
})
