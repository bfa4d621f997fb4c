import type { Scan } from '../doctor/page.ts'
import { expiryKeys } from './expiry/expiry-keys.ts'
import { scanDeadlines } from './expiry/scan-deadlines.ts'
import { logsKeys } from './logs/logs-keys.ts'
import { scanLogs } from './logs/scan-logs.ts'
import { scanSchedules, scanTicks } from './schedules/scan-schedules.ts'
import { schedulesKeys } from './schedules/schedules-keys.ts'
import { scanUnique } from './unique/scan-unique.ts'
import { uniqueKeys } from './unique/unique-keys.ts'

/** The keys of all features, each with its type on the server. */
export const featureKeys = { ...expiryKeys, ...logsKeys, ...schedulesKeys, ...uniqueKeys } as const

/** How verifyQueue looks through what features keep, when it has looked through the jobs. */
export const featureScans: readonly Scan[] = [scanUnique, scanTicks, scanSchedules, scanDeadlines, scanLogs]
