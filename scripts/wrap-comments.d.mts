export function wrapped(text: string, language: 'typescript' | 'lua'): string
