export { checkServer, type CheckServerOptions } from './check-server.ts'
export type { ServerFinding, ServerReport } from './server-report.ts'
