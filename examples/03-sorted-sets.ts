// The sets under the queues, used by themselves: by score, by the time of arrival, and by the time from which
// an item is due.
import { connect } from '@ripen/store'
import { jsonSerializer, ScheduledSet, SortedSet, TimeSortedSet } from '@ripen/queue'

interface Task {
  title: string
  effort: number
}

const store = await connect()

// Lowest score first. The scorer gives the score of what is added without one; the serializer keeps objects.
const tasks = new SortedSet<Task>(store, 'example:tasks', { scorer: (task) => task.effort, serializer: jsonSerializer })
await tasks.addMany([
  { title: 'paint the house', effort: 40 },
  { title: 'water the plants', effort: 1 },
  { title: 'fix the bike', effort: 5 },
])
await tasks.add({ title: 'call the doctor', effort: 3 }, 0)
console.log('next:', (await tasks.peek())?.title, 'with score', await tasks.peekScore())
// One script takes them: however many processes take at once, nobody gets what another got.
for (const task of await tasks.take(2)) console.log('taken:', task.title)
console.log('left:', await tasks.size())

// An item is in a set once. Adding it again moves it, and a mode says when it may.
await tasks.add({ title: 'fix the bike', effort: 5 }, 50)
await tasks.add({ title: 'paint the house', effort: 40 }, 60, { mode: 'lt' })
for await (const task of tasks) console.log('in order:', task.title, await tasks.score(task))

// The score is the server's time at which an item came.
const visitors = new TimeSortedSet(store, 'example:visitors')
const arrival = await visitors.add('ada')
console.log('came at the time of the server:', Math.abs((await store.now()) - arrival) < 10_000)

// The score is the time from which an item is due, and what is not due is not taken.
const calls = new ScheduledSet(store, 'example:calls')
const now = await store.now()
await calls.add('ada', now)
await calls.add('grace', now + 3_600_000)
console.log('due:', await calls.available(), 'of', await calls.size())
console.log('taken:', await calls.take(10))
console.log('next in minutes:', (((await calls.nextDue()) ?? 0) - now) / 60_000)
store.clockOffset = 3_600_000 // An hour later, without waiting for it.
console.log('taken:', await calls.take(10))

for (const set of [tasks, visitors, calls]) await set.clear()
await store.close()
