export type { QueueFinding, QueueInvariant, QueueProgress, QueueReport } from './queue-report.ts'
export { verifyQueue, type VerifyQueueOptions } from './verify-queue.ts'
