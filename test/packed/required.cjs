// A CommonJS program: scripts/pack-check.mjs runs it with the packed packages.
const assert = require('node:assert/strict')
const { connect, isRipenError } = require('@ripen/store')
const { Queue } = require('@ripen/queue')
const { Worker } = require('@ripen/worker')

async function main() {
  const store = await connect()
  const queue = new Queue('required', { store })
  const worker = new Worker(queue, async ({ data }) => data.grams / 28.35)
  const running = worker.run()
  const job = await queue.add('weigh', { grams: 567 })
  assert.equal(Math.round(await job.wait({ timeout: '20 seconds' })), 20)
  await worker.close()
  await running
  await store.close()
  await assert.rejects(queue.add('weigh', { grams: 1 }), (error) => isRipenError(error, 'RIPEN_CLOSING'))
  console.log('require() works')
}

void main()
