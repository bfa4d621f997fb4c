import * as fc from 'fast-check'
import type { CommandKind } from '../command.ts'
import { adds, anItem, settings } from './add.ts'

const due = { delay: fc.constantFrom(0, 0, 1, 1_000, 5_000), expiresIn: fc.constantFrom(1, 500, 1_000, 1_000, 4_000) }
const anExpiringItem = fc.record({ ...settings, ...due }, { requiredKeys: ['expiresIn'] })

export const addingExpiring: CommandKind = adds(6, fc.oneof({ weight: 2, arbitrary: anExpiringItem }, { weight: 1, arbitrary: anItem }))
