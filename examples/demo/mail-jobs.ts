import type { BulkItem, Job } from '@ripen/queue'

/** Every job of the demo's queue: its data and its result. */
export interface MailJobs {
  newsletter: (data: { reader: number }) => void
  reminder: (data: { customer: number }) => void
  receipt: (data: { order: number }) => void
  report: (data: { pages: number }) => { pages: number }
}

/** Not urgent, so behind everything else; a delivery that fails is tried four times. */
export function backlog(): BulkItem<MailJobs>[] {
  return Array.from({ length: 4_000 }, (_value, reader) => ({
    name: 'newsletter',
    data: { reader },
    options: { priority: 10, attempts: 4, backoff: { type: 'exponential', delay: '300 ms', max: '2 s', jitter: 0.2 } },
  }))
}

/** One is due every 11 ms, from 1 s on. */
export function reminders(): BulkItem<MailJobs>[] {
  return Array.from({ length: 1_000 }, (_value, customer) => ({
    name: 'reminder',
    data: { customer },
    options: { delay: 1_000 + 11 * customer, priority: -10 },
  }))
}

/** Of the later reminders one in twenty. */
export function isUnsubscribed(job: Job<MailJobs>): boolean {
  return job.name === 'reminder' && job.data.customer >= 500 && job.data.customer % 20 === 0
}

/** Orders, and how often each is sent: one in twenty customers clicks twice. */
export function* receipts(): Generator<{ order: number; times: number }> {
  for (let order = 1; order <= 200; order++) yield { order, times: order % 20 === 0 ? 2 : 1 }
}
