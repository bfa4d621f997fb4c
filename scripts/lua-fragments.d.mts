/** What a script of a package may be composed of: texts by name, and those of hooks by `<hook> <feature>`. */
export interface Lua {
  readonly fragments: ReadonlyMap<string, string>
  readonly features: readonly string[]
  readonly hooked: ReadonlyMap<string, string>
  readonly scripts: ReadonlyMap<string, string>
}

export const hooks: Readonly<Record<string, string>>
export function luaOf(directory: string): Lua
export function compose(lua: Lua, source: string, set: readonly string[], seen?: Set<string>): string
export function keysOf(lua: Lua, feature: string): string[]
export function recorded(lua: Lua, set: readonly string[]): string[]
export function fill(lua: Lua, text: string, set: readonly string[]): string
export function strip(text: string, markers?: boolean): string
