import { isDeepStrictEqual } from 'node:util'

import { share, warmUpSize } from '../load.mjs'

/** Seven digits from here on, so that the document keeps its length. */
const first = 1_000_000

/** A document of 107 bytes of JSON. */
function progress(done) {
  return { done, total: 2_000_000, stage: 'transcode', file: 'holiday-2026.mp4', worker: 'w-0042', eta: 1800 }
}

function channelRow({ name, title, jobs, writers, update }) {
  return {
    name,
    group: 'channel',
    durability: 'none',
    jobs,
    arms: ['ripen', 'watch'].map((peer) => ({ name: peer, peer })),
    lines: [{ key: 'rate', title, unit: 'updates/s', digits: 0, subject: 'ripen', reference: 'watch' }],
    async measure({ peer, url, jobs: updates }) {
      const run = async (label, count) => {
        const document = await peer.openDocument({ url, label, value: progress(first), writers })
        const elapsed = await share(
          count,
          document.writers.map((writer) => (index) => update(writer, index)),
        )
        const value = await document.read()
        await document.close()
        if (!isDeepStrictEqual(value, progress(first + count))) throw new Error(`after ${count} updates: ${JSON.stringify(value)}`)
        return elapsed
      }
      await run('warm-up', warmUpSize(updates))
      return { rate: (updates / (await run('bench', updates))) * 1000 }
    },
  }
}

/** How fast a small JSON document is changed in place, and that no change is lost. */
export const channelRows = [
  channelRow({
    name: 'channel-serial',
    title: 'channel: one member set, one writer',
    jobs: 10_000,
    writers: 1,
    update: (writer, index) => writer.set('done', first + index + 1),
  }),
  channelRow({
    name: 'channel-concurrent',
    title: 'channel: one number incremented, 8 writers',
    jobs: 10_000,
    writers: 8,
    update: (writer) => writer.increment('done'),
  }),
]
