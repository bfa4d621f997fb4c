import type * as crypto from 'node:crypto'

let drawn: number | undefined

/** What is drawn until the end of the run is the same in every run: ids too, whose order decides ties. */
export function beginDraws(): void {
  drawn = 0
}

export function endDraws(): void {
  drawn = undefined
}

/** The module that names come from. */
export function withRepeatableDraws(module: typeof crypto): typeof crypto {
  const randomBytes = (size: number): Buffer =>
    drawn === undefined ? module.randomBytes(size) : module.createHash('sha256').update(String(drawn++)).digest().subarray(0, size)
  return { ...module, randomBytes: randomBytes as typeof crypto.randomBytes }
}
