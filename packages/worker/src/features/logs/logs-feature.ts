import { logScript } from '@ripen/queue/internal'
import type { WorkerFeature } from '../feature-host.ts'
import { LogWriter } from './log-writer.ts'

/** What handlers log of their jobs. */
export const logsFeature: WorkerFeature<LogWriter> = { scripts: [logScript], open: (host) => new LogWriter(host) }
