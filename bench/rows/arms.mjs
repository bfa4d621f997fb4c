/** The queue libraries, in the order in which a pair samples them. */
export const queues = ['ripen', 'bullmq', 'bee-queue', 'groupmq'].map((peer) => ({ name: peer, peer }))

/** The queue libraries, less those that lack what a row measures. */
export function queuesWithout(...names) {
  return queues.filter((arm) => !names.includes(arm.name))
}
