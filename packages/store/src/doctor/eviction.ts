import type { ServerFinding } from './server-report.ts'

/** Whether the server may throw jobs away when its memory is full. @param info the fields of INFO. */
export function judgeEviction(info: ReadonlyMap<string, string>): ServerFinding {
  const name = 'eviction'
  const policy = info.get('maxmemory_policy')
  if (policy === undefined) return { level: 'warning', name, message: 'maxmemory-policy is unknown: the server does not report it' }
  if (policy === 'noeviction') return { level: 'ok', name, message: 'maxmemory-policy is noeviction' }
  return {
    level: info.get('maxmemory') === '0' ? 'warning' : 'error',
    name,
    message: `maxmemory-policy is ${policy}: the server may evict jobs when memory is short`,
    remedy: 'Run CONFIG SET maxmemory-policy noeviction',
  }
}
