import { connect, root, section } from '@ripen/store'

const store = await connect() // RIPEN_URL, REDIS_URL, or an embedded server: nothing to install

// A section is the first segment of a path. Objects become branches; what is set replaces what was there, in
// one step.
const shop = section(store, 'example-shop')
await shop.clear()
await shop.set('flags', { checkout: { express: true, limit: 100 }, banner: 'spring' })
await shop.set('flags.checkout.limit', 250)
console.log(await shop.get('flags').val())

// Names of children, and every leaf.
for await (const name of shop.get('flags')) console.log(name)
for await (const leaf of shop.leaves()) console.log(leaf.path, await leaf.val())

// Counters are atomic, however many processes add.
const visits = shop.get('visits')
await Promise.all(Array.from({ length: 100 }, () => visits.add(1)))
console.log(await visits.val())

// What is to go by itself.
await shop.set('session.ada', { cart: ['tea'] }, { expire: '30 minutes' })
console.log((await shop.get('session').ttl()) > 29 * 60_000)

// Whoever keeps a flag in memory hears of its changes.
const stop = new AbortController()
const heard = (async () => {
  for await (const { path } of shop.get('flags').watch({ signal: stop.signal })) {
    console.log(`${path} changed`)
    stop.abort()
  }
})()
while (!stop.signal.aborted) await shop.set('flags.banner', 'summer')
await heard

console.log(await shop.clear(), await root(store).get('example-shop').exists())
await store.close()
