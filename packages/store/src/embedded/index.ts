export { EmbeddedServer } from './embedded-server.ts'
export { startEmbedded } from './start-embedded.ts'
export { startPersistent } from './start-persistent.ts'
