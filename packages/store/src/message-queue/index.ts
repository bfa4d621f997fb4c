export { MessageQueue, type GetOptions, type MessageQueueOptions } from './message-queue.ts'
export { ReceivedMessage } from './received-message.ts'
