// A message queue between processes: first in, first out. Here both ends are in one process, over two stores.
import { connect, isRipenError, MessageQueue } from '@ripen/store'

const store = await connect()
const other = await connect(store.url)

const inbox = new MessageQueue(store, 'example:inbox')
const outbox = new MessageQueue(other, 'example:inbox')

// A get waits for a message, for ever or for so long; 0 does not wait.
const waiting = inbox.get()
console.log('messages after the put:', await outbox.put('good morning'))
console.log('got:', await waiting)
try {
  await inbox.get({ timeout: 0 })
} catch (error) {
  if (isRipenError(error, 'RIPEN_TIMED_OUT')) console.log('nothing there:', error.message)
}

// Whoever waits can be called off, and no message is lost with him.
const controller = new AbortController()
const calledOff = inbox.get({ signal: controller.signal }).catch((error: unknown) => error)
controller.abort('going home')
console.log('called off:', await calledOff)

// The reliable mode: a message stays on the server until it is acknowledged, and is delivered again when its
// consumer does not come back.
const orders = new MessageQueue(store, 'example:orders', { reliable: { lease: '30 s' } })
await orders.put('order 1')
const lost = await orders.receive()
store.clockOffset = 31_000 // Half a minute later, without waiting for it.
const again = await orders.receive()
console.log('delivered again:', again.message, 'with a higher fence:', again.fence > lost.fence)
console.log('acknowledged by the second:', await again.ack(), 'and by the first:', await lost.ack())

// Closing frees the connection and keeps the messages; purge deletes them.
await outbox.put('left behind')
console.log('purged:', await inbox.purge())
for (const queue of [inbox, outbox, orders]) await queue.close()
await other.close()
await store.close()
