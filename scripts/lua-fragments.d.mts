/** What a script of a package may be composed of: texts by name, and those of hooks by `<hook> <feature>`. */
export interface Lua {
  readonly fragments: ReadonlyMap<string, string>
  readonly features: readonly string[]
  readonly variants: readonly string[]
  readonly hooked: ReadonlyMap<string, string>
  /** By name. */
  readonly scripts: ReadonlyMap<string, { readonly file: string; readonly text: string }>
}

export const hooks: Readonly<Record<string, string>>
/** The name of a script in TypeScript. */
export function nameOf(script: string): string
export function constantsOf(directory: string): Map<string, string>
export function withConstants(text: string, constants: ReadonlyMap<string, string>): string
export function luaOf(directory: string): Lua
export function compose(lua: Lua, source: string, set: readonly string[], seen?: Set<string>): string
export function keysOf(lua: Lua, feature: string): string[]
export function recorded(lua: Lua, set: readonly string[]): string[]
export function fill(lua: Lua, text: string, set: readonly string[]): string
export function strip(text: string, markers?: boolean): string
