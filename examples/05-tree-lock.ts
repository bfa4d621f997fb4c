// Locks along paths: who holds a node keeps others from it, from what is above it and from what is below it.
import { connect, isRipenError, TreeLock } from '@ripen/store'

const store = await connect()

// A lock on the orders of one shop. It is renewed until it is released; after a crash it ends by itself, here
// after 10 s.
const orders = new TreeLock(store, 'example-shop.orders', { expires: '10 s' })
const lease = await orders.acquire()

/** Whether somebody else would get a lock at once. */
async function free(path: string): Promise<boolean> {
  try {
    await using _lease = await new TreeLock(store, path, { timeout: 0 }).acquire()
    return true
  } catch (error) {
    if (isRipenError(error, 'RIPEN_LOCK_TIMEOUT')) return false
    throw error
  }
}
for (const path of ['example-shop', 'example-shop.orders', 'example-shop.orders.7', 'example-shop.users']) {
  console.log(path, (await free(path)) ? 'is free' : 'is taken')
}

// Each acquire is an owner of its own; to nest, say who it is for.
const inner = await new TreeLock(store, 'example-shop.orders.7', { owner: lease.owner }).acquire()
console.log('nested')

// Others wait in line, and are woken. The outer lease is released first: the inner one still holds its part.
const next = orders.acquire()
await lease.release()
console.log('orders.7', (await free('example-shop.orders.7')) ? 'is free' : 'is taken')
await inner.release()

// A number that grows with every lease. What the lock protects remembers the highest, and refuses a holder
// that stood still past its lease.
const second = await next
console.log('a higher fence:', second.fence > lease.fence)
// The signal tells the holder, for instance `fetch`, that the lock was lost.
console.log('lost:', second.signal.aborted)
await second.release()

// At the end of a block, also when it throws.
{
  await using held = await orders.acquire()
  console.log('locked:', await orders.isLocked(), held.fence > second.fence)
}
console.log('locked:', await orders.isLocked())
await store.close()
