/** The name is in the registry of all copies of this package in the process: an installation may have two, and a hot reload makes them. */
const brand = Symbol.for('ripen.class')

/**
 * Makes `instanceof` true also for what another copy of the package has made: with the class, and with each that is derived from it, by the names of classes. (Where a minifier has taken
 * the names, only for what this copy has made.)
 */
export function acrossCopies(base: abstract new (...parameters: never[]) => object): void {
  Object.defineProperty(base.prototype, brand, { value: true })
  Object.defineProperty(base, Symbol.hasInstance, { value: hasInstance })
}

/** False for what cannot be read, as a proxy may be: it never throws. */
function hasInstance(this: abstract new (...parameters: never[]) => object, value: unknown): boolean {
  try {
    return Function.prototype[Symbol.hasInstance].call(this, value) || isBranded(value, this.name)
  } catch {
    return false
  }
}

function isBranded(value: unknown, name: string): boolean {
  if (typeof value !== 'object' || value === null || (value as Record<symbol, unknown>)[brand] !== true) return false
  for (let prototype: unknown = Object.getPrototypeOf(value); prototype !== null; prototype = Object.getPrototypeOf(prototype)) {
    if ((prototype as object).constructor.name === name) return true
  }
  return false
}
