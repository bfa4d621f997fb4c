import { spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import {
  channelLabel,
  channelWriters,
  enqueueTimeout,
  lockExpires,
  lockHolders,
  prefix,
  producers,
  queueName,
  rate,
  workers,
} from './crew.mjs'

/** ms that a process which was killed stays away, unless the fault says otherwise. */
const absence = 500

/** ms that a process has to come up: there may be an outage meanwhile. */
const patience = 60_000

/**
 * One process of the run, which is started again whenever it ends; each life is an incarnation with a history
 * of its own.
 */
class Member {
  name
  /** The name of its present life: `worker-1.3`. */
  life
  #fleet
  #role
  #settings
  #incarnation = 0
  #child
  #exited
  #expected
  #retired = false
  #absence = absence
  /** ms by which its clock is wrong. */
  skew = 0

  constructor(fleet, name, role, settings) {
    this.#fleet = fleet
    this.name = name
    this.#role = role
    this.#settings = settings
  }

  /** Resolves once the process takes part. */
  async start() {
    this.#incarnation++
    this.life = `${this.name}.${this.#incarnation}`
    const { directory, common, note } = this.#fleet
    const settings = {
      ...common,
      ...this.#settings,
      name: this.name,
      incarnation: this.#incarnation,
      skew: this.skew,
      history: join(directory, 'histories', this.life),
    }
    const file = fileURLToPath(new URL(`${this.#role}.mjs`, import.meta.url))
    const output = openSync(join(directory, 'output', this.life), 'a')
    // Without core files: poison jobs abort their process.
    const child = spawn('sh', ['-c', 'ulimit -c 0; exec "$0" "$@"', process.execPath, file, JSON.stringify(settings)], {
      stdio: ['ignore', output, output, 'ipc'],
      env: { ...process.env, RIPEN_LOG_LEVEL: 'error' },
    })
    closeSync(output)
    this.#child = child
    this.#expected = undefined
    this.#absence = absence
    const { life } = this
    this.#exited = new Promise((resolve, reject) => {
      child.once('error', reject)
      child.once('exit', (code, signal) => {
        const expected =
          signal === 'SIGABRT' ? this.#role === 'worker' : signal === this.#expected || (code === 0 && this.#expected === 'SIGTERM')
        note('ended', { life, code, signal, expected })
        resolve()
        if (!this.#retired) void this.#startAgain()
      })
    })
    await new Promise((resolve, reject) => {
      child.once('message', () => {
        note('started', { life, skew: this.skew })
        resolve()
      })
      // Another life follows.
      child.once('exit', resolve)
      setTimeout(() => reject(new Error(`${life} did not come up within ${patience} ms`)), patience).unref()
    })
  }

  async #startAgain() {
    await pause(this.#absence)
    if (!this.#retired) await this.start().catch((error) => this.#fleet.failed(error))
  }

  /** It comes back after so many ms. */
  async kill(absent) {
    this.#absence = absent
    this.#expected = 'SIGKILL'
    this.#child.kill('SIGKILL')
    await this.#exited
  }

  /** Asks it to end, waits for that, and for its next life. */
  async restart() {
    const { life } = this
    this.#expected = 'SIGTERM'
    this.#absence = 0
    this.#child.kill('SIGTERM')
    await this.#exited
    while (this.life === life) await pause(10)
  }

  suspend() {
    this.#child.kill('SIGSTOP')
  }

  resume() {
    this.#child.kill('SIGCONT')
  }

  send(message) {
    if (this.#child.connected) this.#child.send(message)
  }

  /** Asks it to end for good. @returns whether it did in time. */
  async retire(timeout) {
    this.#retired = true
    this.#expected = 'SIGTERM'
    this.#child.kill('SIGTERM')
    const late = Symbol('late')
    const end = await Promise.race([this.#exited, pause(timeout, late, { ref: false })])
    return end !== late
  }

  /** Whatever it does. */
  end() {
    this.#retired = true
    this.#child?.kill('SIGKILL')
  }
}

/** All processes of the run. */
export class Fleet {
  directory
  common
  note
  #members
  #failure
  /** Rejects when a process could not be started. */
  broken = new Promise((_resolve, reject) => (this.#failure = reject))

  /** @param note writes down what happens: (what, fields). */
  constructor({ directory, url, durability, seed, schedules, note }) {
    this.directory = directory
    this.note = note
    this.common = { url, seed, prefix, queueName, enqueueTimeout }
    this.broken.catch(() => undefined)
    this.#members = new Map(
      [
        ...producers.map((name) => new Member(this, name, 'producer', { rate, durability })),
        ...Object.entries(workers).map(([name, options]) => new Member(this, name, 'worker', { options, schedules })),
        ...lockHolders.map((name) => new Member(this, name, 'lock-holder', { expires: lockExpires })),
        ...channelWriters.map((name) => new Member(this, name, 'channel-writer', { channelLabel })),
      ].map((member) => [member.name, member]),
    )
    process.once('exit', () => this.end())
  }

  member(name) {
    return this.#members.get(name)
  }

  failed(error) {
    this.#failure(error)
  }

  async start() {
    await Promise.all([...this.#members.values()].map((member) => member.start()))
  }

  /** Ends these for good, and answers the names of those that did not end in time. */
  async retire(names, timeout) {
    const ended = await Promise.all(names.map(async (name) => [name, await this.member(name).retire(timeout)]))
    return ended.flatMap(([name, inTime]) => (inTime ? [] : [name]))
  }

  end() {
    for (const member of this.#members.values()) member.end()
  }
}
