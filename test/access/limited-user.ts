import { openStore, type Store, type StoreOptions } from '@ripen/store'
import { Redis } from 'ioredis'
import { onTestFinished } from 'vitest'
import { randomPrefix } from '../support/test-store.ts'
import type { RedisServer } from '../support/redis-server.ts'
import { accessRoles, builtScripts, rulesOf, type AccessRole } from '../../scripts/access-roles.mjs'

const silent = { debug() {}, info() {}, warn() {}, error() {} }

export const roles: readonly AccessRole[] = accessRoles(await builtScripts())

export function roleOf(name: string): AccessRole {
  const role = roles.find((each) => each.name === name)
  if (role === undefined) throw new Error(`no role ${name}`)
  return role
}

/** A server with users, and a key prefix of this test's own: that of the roles is `ripen`. */
export class Users {
  readonly admin: Redis
  readonly full: Store
  readonly prefix = randomPrefix()
  readonly #server: RedisServer
  #count = 0

  constructor(server: RedisServer) {
    this.#server = server
    this.admin = new Redis(server.url)
    this.full = openStore({ url: server.url, prefix: this.prefix, logger: silent })
    onTestFinished(async () => {
      await this.full.close()
      this.admin.disconnect()
    })
  }

  /** The rules of a role, for the keys of this test. */
  rules(...names: readonly string[]): string[] {
    return names.flatMap((name) => rulesOf(roleOf(name))).map((rule) => this.own(rule))
  }

  own(rule: string): string {
    return rule.replace('{ripen:', `{${this.prefix}:`).replace(/^~players$/, `~${this.prefix}-players`)
  }

  /** The store of a user with these rules, and the name of the user. */
  async store(rules: readonly string[], options: Partial<StoreOptions> = {}): Promise<{ readonly store: Store; readonly user: string }> {
    const user = `${this.prefix}-${this.#count++}`
    await this.admin.call('ACL', 'SETUSER', user, 'reset', 'on', '>secret', ...rules)
    const url = `redis://${user}:secret@127.0.0.1:${this.#server.port}`
    const store = openStore({ url, prefix: this.prefix, logger: silent, ...options })
    onTestFinished(async () => {
      await store.close()
      await this.admin.call('ACL', 'DELUSER', user)
    })
    return { store, user }
  }

  /** What was refused to a user, as the server logged it. */
  async refusals(user: string): Promise<string[]> {
    const log = (await this.admin.call('ACL', 'LOG', '1000')) as unknown[][]
    return log
      .map((entry) => Object.fromEntries(entry.flatMap((value, at) => (at % 2 === 0 ? [[String(value), String(entry[at + 1])]] : []))))
      .filter((entry) => entry['username'] === user)
      .map((entry) => `${entry['reason']} ${entry['object']}`)
  }
}
