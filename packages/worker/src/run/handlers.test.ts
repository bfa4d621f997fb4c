import { expect, test } from 'vitest'
import { readHandlers } from './handlers.ts'

class Base {
  readonly greeting = 'hello'

  async inherited(): Promise<string> {
    return `${this.greeting} from the base`
  }
}

class Mail extends Base {
  readonly arrow = async (): Promise<string> => `${this.greeting} from an arrow`
  readonly #secret = 'private'

  get computed(): never {
    throw new Error('a getter is not asked')
  }

  async welcome(job: { data: string }): Promise<string> {
    return `${this.greeting} ${job.data}, ${this.#secret}`
  }

  override async inherited(): Promise<string> {
    return `${await super.inherited()}, overridden`
  }
}

test('an instance of a class: its methods, bound, also inherited ones', async () => {
  const handlers = readHandlers(new Mail()) as ReadonlyMap<string, (...parameters: unknown[]) => unknown>
  expect([...handlers.keys()].toSorted()).toEqual(['arrow', 'inherited', 'welcome'])
  expect(await handlers.get('welcome')?.({ data: 'ada' })).toBe('hello ada, private')
  expect(await handlers.get('inherited')?.()).toBe('hello from the base, overridden')
  expect(await handlers.get('arrow')?.()).toBe('hello from an arrow')
})

test('an object: its functions, bound; of another prototype nothing is taken', async () => {
  const given = {
    name: (): string => 'named',
    other(): unknown {
      return this.name()
    },
  }
  const handlers = readHandlers(given) as ReadonlyMap<string, (...parameters: unknown[]) => unknown>
  expect([...handlers.keys()]).toEqual(['name', 'other'])
  expect(handlers.get('other')?.()).toBe('named')
  for (const name of ['toString', 'constructor', '__proto__', 'hasOwnProperty']) expect(handlers.get(name)).toBeUndefined()
})

test.for<[string, unknown, string]>([
  ['nothing', undefined, 'handlers'],
  ['a list', [], 'handlers'],
  ['a promise', Promise.resolve({}), 'handlers'],
  ['an object with a text', { welcome: 'hello' }, 'handlers.welcome'],
  [
    'an instance without methods',
    new (class {
      readonly state = 1
    })(),
    'handlers',
  ],
])('%s is refused', ([, given, option]) => {
  expect(() => readHandlers(given)).toThrow(expect.objectContaining({ code: 'RIPEN_CONFIGURATION', option }))
})
