import * as fc from 'fast-check'
import type { CommandKind } from '../command.ts'
import type { ModelUnique } from '../unique-keys.ts'
import { adds, anItem, settings } from './add.ts'

const aUnique: fc.Arbitrary<ModelUnique> = fc.record({
  key: fc.constantFrom('k', 'k', 'a', 'l'),
  during: fc.constantFrom<ModelUnique['during']>('unfinished', 'unfinished', 'unfinished', 'waiting', 1_500, 30_000),
  onConflict: fc.constantFrom<ModelUnique['onConflict']>('keep', 'replace', 'replace', 'debounce'),
})

const due = { expiresIn: fc.constantFrom(1, 1_000, 3_000), delay: fc.constantFrom(0, 0, 1, 1_000, 5_000) }
const aUniqueItem = fc.record({ ...settings, ...due, unique: aUnique }, { requiredKeys: ['unique'] })

export const addingUnique: CommandKind = adds(10, fc.oneof({ weight: 5, arbitrary: aUniqueItem }, { weight: 1, arbitrary: anItem }))
