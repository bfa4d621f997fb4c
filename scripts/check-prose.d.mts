export function faultsOf(text: string): string[]
