import Redis from 'ioredis'

/**
 * No queue: the moves of one as bare pipelined commands, 500 jobs at a time, without scripts, checks, events
 * or safety. It shows what the server's part of the work costs at least.
 */
const batch = 500

/** Ids as long as Ripen's, so that the server's members and fields have the same size. */
function idOf(data) {
  return `~${String(data.n).padStart(13, '0')}`
}

function keysOf(queue) {
  const [jobs, ready, active, leases] = ['jobs', 'ready', 'active', 'leases'].map((key) => `{floor:${queue}}:${key}`)
  return { jobs, ready, active, leases }
}

async function run(pipeline) {
  const replies = await pipeline.exec()
  return replies.map(([error, reply]) => {
    if (error) throw error
    return reply
  })
}

export async function openProducer({ url, queue }) {
  const redis = new Redis(url)
  const keys = keysOf(queue)
  let pending = []
  const send = async (items) => {
    const pipeline = redis.pipeline()
    for (const data of items) pipeline.hset(keys.jobs, idOf(data), JSON.stringify(data)).zadd(keys.ready, data.n, idOf(data))
    await run(pipeline)
  }
  const flush = () => {
    const adds = pending
    pending = []
    send(adds.map((add) => add.data)).then(
      () => adds.forEach((add) => add.resolve(idOf(add.data))),
      (error) => adds.forEach((add) => add.reject(error)),
    )
  }
  return {
    add: (data) =>
      new Promise((resolve, reject) => {
        if (pending.push({ data, resolve, reject }) === 1) queueMicrotask(flush)
      }),
    async addBulk(items) {
      for (let from = 0; from < items.length; from += batch) await send(items.slice(from, from + batch))
      return items.map(idOf)
    },
    unfinished: async () => (await redis.zcard(keys.ready)) + (await redis.zcard(keys.active)),
    kept: async () => 0,
    close: () => redis.quit(),
  }
}

export async function openWorker({ url, queue, handler, onSettled, onError }) {
  const redis = new Redis(url)
  await redis.ping()
  const keys = keysOf(queue)
  let closing = false
  const lease = `${Date.now()}000 1 worker-1`

  /** Settles `finished` and takes the next ids, in one pipeline. */
  const settle = async (finished) => {
    const pipeline = redis.pipeline()
    if (finished.length > 0) {
      pipeline.zrem(keys.active, finished).hdel(keys.leases, finished).hdel(keys.jobs, finished)
    }
    pipeline.zrange(keys.ready, 0, batch - 1).zremrangebyrank(keys.ready, 0, batch - 1)
    return (await run(pipeline)).at(-2)
  }
  const lend = async (ids) => {
    const deadline = Date.now() + 10_000
    const pipeline = redis.pipeline()
    pipeline.zadd(keys.active, ...ids.flatMap((id) => [deadline, id]))
    pipeline.hmget(keys.jobs, ids)
    pipeline.hset(keys.leases, ...ids.flatMap((id) => [id, lease]))
    return (await run(pipeline))[1]
  }
  const work = async () => {
    let finished = []
    while (!closing) {
      const ids = await settle(finished)
      finished.forEach(onSettled)
      if (ids.length === 0) return
      await Promise.all((await lend(ids)).map((job) => handler(JSON.parse(job))))
      finished = ids
    }
  }
  return {
    start: () => void work().catch(onError),
    async close() {
      closing = true
      await redis.quit()
    },
  }
}
