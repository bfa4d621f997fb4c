import * as fc from 'fast-check'
import type { CommandKind } from '../command.ts'
import type { ModelUnique } from '../unique-keys.ts'
import { adds, anItem, settings } from './add.ts'

/** Not every way to decide goes with every time. */
const aRule = fc.oneof(
  fc.record({
    during: fc.constant('unfinished' as const),
    onConflict: fc.constantFrom('keep' as const, 'replace', 'debounce', 'keepLast', 'keepLast'),
  }),
  fc.record({
    during: fc.constantFrom('waiting' as const, 1_500, 30_000),
    onConflict: fc.constantFrom('keep' as const, 'replace', 'debounce'),
  }),
)
const aUnique: fc.Arbitrary<ModelUnique> = fc
  .record({ key: fc.constantFrom('k', 'k', 'a', 'l'), rule: aRule })
  .map(({ key, rule }) => ({ key, ...rule }))

const due = { expiresIn: fc.constantFrom(1, 1_000, 3_000), delay: fc.constantFrom(0, 0, 1, 1_000, 5_000) }
const aUniqueItem = fc.record({ ...settings, ...due, unique: aUnique }, { requiredKeys: ['unique'] })

export const addingUnique: CommandKind = adds(10, fc.oneof({ weight: 5, arbitrary: aUniqueItem }, { weight: 1, arbitrary: anItem }))
