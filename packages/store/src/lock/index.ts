export { acquireLock, isLocked } from './acquire-lock.ts'
export type { Lease } from './lease.ts'
export { lockRules, type LockOptions } from './lock-options.ts'
export { TreeLock } from './tree-lock.ts'
