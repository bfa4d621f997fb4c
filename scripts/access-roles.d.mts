import type { Script } from '@ripen/store/internal'

export interface AccessRole {
  readonly name: string
  readonly does: string
  readonly scripts: readonly string[]
  readonly keys: readonly string[]
  readonly channels: readonly string[]
  readonly commands: readonly string[]
}

export function builtScripts(): Promise<ReadonlyMap<string, Script<string, string, unknown>>>
export function accessRoles(scripts: ReadonlyMap<string, Script<string, string, unknown>>): AccessRole[]
export function rulesOf(role: AccessRole): string[]
