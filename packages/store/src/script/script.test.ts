import type { Command } from 'ioredis'
import { expect, test } from 'vitest'
import { watchRights } from '../access/rights.ts'
import { ClosingError } from '../errors/errors.ts'
import { sendScript, type Script } from './script.ts'

const script: Script<'key', never, string> = {
  name: 'some',
  keys: ['key'],
  arguments: [],
  commands: [],
  channels: [],
  sha: 'x',
  source: 'y',
}

/** A connection that writes down what is sent; the call is over once a command of this name was answered. */
function connection(last: string): { sent: string[]; readonly send: () => Promise<string> } {
  const sent: string[] = []
  const state = { over: false }
  const heard = (name: string): void => {
    sent.push(name)
    state.over ||= name === last
  }
  const client = {
    on: () => client,
    call: async (name: string) => {
      heard(`asked by ${name}`)
      return []
    },
    sendCommand: async (command: Command) => {
      command.toWritable({})
      heard(command.name)
      throw new Error('NOSCRIPT No matching script.')
    },
  }
  watchRights(client as never)
  return { sent, send: () => sendScript(client as never, script, { keys: { key: 'k' }, arguments: {} }, state) }
}

test.each([
  ['asked by eval', ['asked by eval']],
  ['evalsha', ['asked by eval', 'evalsha']],
])('a call that ends while %s is under way is not sent any more', async (last, all) => {
  const { sent, send } = connection(last)
  await expect(send()).rejects.toThrow(ClosingError)
  expect(sent).toEqual(all)
})
