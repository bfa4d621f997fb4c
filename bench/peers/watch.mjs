import Redis from 'ioredis'

/**
 * A JSON document in a string, changed by reading it under WATCH and writing it in a transaction, at once
 * again when somebody else was quicker. WATCH belongs to a connection, so each writer has its own.
 */
async function change(redis, key, edit) {
  for (;;) {
    const [[watchError], [getError, text]] = await redis.pipeline().watch(key).get(key).exec()
    if (watchError ?? getError) throw watchError ?? getError
    const document = JSON.parse(text)
    edit(document)
    const replies = await redis.multi().set(key, JSON.stringify(document)).exec()
    if (replies === null) continue
    const [[error]] = replies
    if (error) throw error
    return
  }
}

export async function openDocument({ url, label, value, writers }) {
  const connections = Array.from({ length: writers }, () => new Redis(url))
  await Promise.all(connections.map((redis) => redis.ping()))
  const [first] = connections
  await first.set(label, JSON.stringify(value))
  return {
    writers: connections.map((redis) => ({
      set: (member, replacement) =>
        change(redis, label, (document) => {
          document[member] = replacement
        }),
      increment: (member) =>
        change(redis, label, (document) => {
          document[member] += 1
        }),
    })),
    read: async () => JSON.parse(await first.get(label)),
    close: () => Promise.all(connections.map((redis) => redis.quit())),
  }
}
