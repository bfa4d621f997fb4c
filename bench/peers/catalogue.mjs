/**
 * The libraries under test, by name. A sample's process loads only its own.
 *
 * A queue exports
 *
 *     openProducer({ url, queue, kept, batched, delayed }): Promise<Producer>
 *       add(data): Promise<id>                    one job; resolves when the server has it
 *       addUnique(data, key): Promise<id>         one job, unless an unfinished one has the key: then the id of that one; only of those with such a row
 *       addBulk(data[]): Promise<id[]>            the library's own way to add many
 *       addDelayed({ data, runAt }[]): Promise    runAt in epoch ms; only with `delayed: true`
 *       unfinished(): Promise<number>             jobs that wait, are delayed or run
 *       kept(): Promise<number>                   completed jobs that are kept
 *       close(): Promise
 *     openWorker({ url, queue, kept, concurrency, delayed, lease, handler, onSettled, onError }): Promise<{ start(), close() }>
 *       connected when it resolves, takes nothing before `start()`; `handler(data)` returns a promise;
 *       `onSettled()` is called once for each job whose completion the server has accepted
 *
 * `kept` is how many completed jobs to keep (0: none), `batched` says that many adds are in flight at once,
 * `delayed` that jobs have a due time, `lease` in ms after how long a silent worker loses its jobs (absent:
 * the library's default).
 *
 * What has schedules exports
 *
 *     openScheduler({ url, queue, kept, concurrency, onRun, onSettled, onError }): Promise<Scheduler>
 *       upsert(id, every): Promise                a schedule with a period in ms; `onRun(id, at)` is the handler of its runs, `at` their time in epoch ms
 *       start(), close()                          of its worker, as above
 *
 * What locks exports
 *
 *     openLocks({ url }): Promise<Locks>            connected; a lock lasts 30 s
 *       acquire(path): Promise<held>              waits for as long as it takes
 *       release(held): Promise                    rejects when the lock was lost
 *       close(): Promise
 *
 * What changes documents exports
 *
 *     openDocument({ url, label, value, writers }): Promise<Document>
 *       writers: Writer[]                         as many as asked for, connected; each with
 *         set(member, value): Promise             replaces a member of the document
 *         increment(member): Promise              adds 1 to a member
 *       read(): Promise<value>
 *       close(): Promise
 */
const peers = {
  ripen: { title: 'Ripen', package: '@ripen/worker', load: () => import('./ripen.mjs') },
  bullmq: { title: 'BullMQ', package: 'bullmq', load: () => import('./bullmq.mjs') },
  'bee-queue': { title: 'Bee-Queue', package: 'bee-queue', load: () => import('./bee-queue.mjs') },
  groupmq: { title: 'groupmq', package: 'groupmq', load: () => import('./groupmq.mjs') },
  floor: { title: 'floor', package: 'ioredis', load: () => import('./floor.mjs') },
  array: { title: 'array', package: 'ioredis', load: () => import('./array.mjs') },
  redlock: { title: 'redlock', package: 'redlock', load: () => import('./redlock.mjs') },
  'set-nx': { title: 'SET NX', package: 'ioredis', load: () => import('./set-nx.mjs') },
  watch: { title: 'WATCH', package: 'ioredis', load: () => import('./watch.mjs') },
}

/** The names of the libraries, in the order in which they are sampled. */
export const peerNames = Object.keys(peers)

export function titleOf(name) {
  return peers[name].title
}

export function packageOf(name) {
  return peers[name].package
}

export function loadPeer(name) {
  return peers[name].load()
}
