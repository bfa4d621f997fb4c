/**
 * Writes to a channel that others write to as well, and watches it. Writes down
 *
 *     v <t> <epoch> <rev> <n>   a set of its member to n was acknowledged, with its revision
 *     n <t> <value>         an increment of the common number was acknowledged, with its result
 *     u <v|n> <n>           a change has no answer that tells whether it was applied; n is what the member was to be set to
 *     x <v|n> <code>        a change was refused
 *     W <t> <t> <JSON>      the watch gave a state older than one before: the two, and when it gave them
 *     E <code> <JSON>       another error
 *
 * t is epoch ms of the machine's clock.
 */
import { done, history, now, ready, settings, stopped, storeOptions } from './member.mjs'

import { Channel, openStore } from '@ripen/store'
import { setTimeout as pause } from 'node:timers/promises'
import { Random } from './random.mjs'

/** ms between two changes, on average. */
const interval = 20

const { name, incarnation, seed, channelLabel } = settings
const random = new Random(`${seed} ${name}.${incarnation}`)
const store = openStore(storeOptions)
const channel = new Channel(store, channelLabel)

async function change(kind, n, write) {
  try {
    await write()
  } catch (error) {
    if (error.code === 'RIPEN_CONNECTION') history.write('u', kind, n)
    else history.write('x', kind, error.code ?? error.name)
  }
}

async function write() {
  // A later incarnation goes on with numbers of its own.
  for (let n = incarnation * 1_000_000; !stopped.aborted; n++) {
    await change('v', n, async () => {
      const { epoch, rev } = await channel.set(n, `last.${name}`)
      history.write('v', now(), epoch, rev, n)
    })
    await change('n', n, async () => {
      const total = await channel.query('numincrby', 'total', 1)
      history.write('n', now(), total)
    })
    await pause(random.between(0, 2 * interval))
  }
}

/** Creates the channel, if it is not there, as soon as the server can be reached. */
async function begin() {
  for (;;) {
    try {
      return await channel.ensure({ total: 0, last: { 'channel-writer-1': 0, 'channel-writer-2': 0 } })
    } catch (error) {
      if (!['RIPEN_CONNECTION', 'RIPEN_STORE_FULL'].includes(error.code) || stopped.aborted) throw error
      await pause(interval)
    }
  }
}

async function watch() {
  let last
  for await (const { epoch, rev } of channel.watch({ signal: stopped })) {
    const older = last !== undefined && (epoch < last.epoch || (epoch === last.epoch && rev < last.rev))
    if (older) history.write('W', last.at, now(), JSON.stringify([last, { epoch, rev }]))
    last = { epoch, rev, at: now() }
  }
}

ready()
await begin()
await Promise.all([write(), watch().catch((error) => history.write('E', error.code ?? error.name, JSON.stringify(error.message)))])
await store.close()
done()
