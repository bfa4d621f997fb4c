export { MessageQueue, type GetOptions, type MessageQueueOptions } from './message-queue.ts'
export type { ReceivedMessage } from './received-message.ts'
