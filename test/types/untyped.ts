// Compiled by `tsc -b`, never run: without a job map every name, data and result goes.
import { defineQueue, Queue } from '@ripen/queue'
import { openStore } from '@ripen/store'
import { Worker } from '@ripen/worker'

const store = openStore()
const queue = new Queue('any', { store })

void new Worker(queue, {
  known: async () => 'done',
  other: async (job, { attempt }) => `${job.data.to} in attempt ${attempt}`,
  stops: async (_job, { signal }) => signal.throwIfAborted(),
})
void new Worker('any', { known: async () => 'done', other: async (job, { attempt }) => `${job.data.to} in attempt ${attempt}` }, { store })
void new Worker(defineQueue('any'), { other: async (job, { attempt }) => `${job.data.to} in attempt ${attempt}` }, { store })
void new Worker(queue, async (job, { attempt }) => [job.name, job.data.to, attempt])
void new Worker('any', async (job, { attempt }) => [job.name, job.data.to, attempt], { store })
