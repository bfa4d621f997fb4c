import type { Lua } from './lua-fragments.mjs'

export function namesOf(code: string): { readonly free: string[]; readonly declared: string[] }
export function checkNames(file: string, text: string): void
export function checkNeeds(lua: Pick<Lua, 'fragments' | 'hooked'>): void
export function checkIdleNeeds(lua: Pick<Lua, 'fragments' | 'hooked'>): void
