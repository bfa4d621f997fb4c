import type { Store } from '@ripen/store'
import { monitor, type MonitoredStore } from '../../packages/store/src/diagnostics/index.ts'
import { randomPrefix, testStore } from '../support/test-store.ts'
import { Telemetry } from './telemetry.ts'

export interface MonitorSetup {
  readonly store: Store
  readonly telemetry: Telemetry
  /** The store, with the tracer alone, as `db`. */
  readonly monitored: MonitoredStore
  /** That no other test has; keys that begin with it are in one slot. */
  readonly key: string
}

/** A store, what records its commands, and a key, for one test. */
export function monitorSetup(url: string): MonitorSetup {
  const store = testStore(url)
  const telemetry = new Telemetry()
  return { store, telemetry, monitored: monitor(store, { name: 'db', tracer: telemetry.tracer }), key: `{${randomPrefix()}}` }
}
