/**
 * The name is in the registry of all copies of this package in the process: an installation may have two, and
 * a hot reload makes them.
 */
const brand = Symbol.for('ripen.class')

/**
 * Makes `instanceof` true also for what another copy of the package has made, by the names of classes. It
 * never throws: what cannot be read, as a proxy may be, is no instance.
 *
 * @param names of the class and of those derived from it. A class with another name, as a minifier gives it,
 *   or of an application, knows only what its own copy has made.
 */
export function acrossCopies(base: abstract new (...parameters: never[]) => object, names: readonly string[]): void {
  function hasInstance(this: abstract new (...parameters: never[]) => object, value: unknown): boolean {
    if (typeof value !== 'object') return false
    try {
      return Function.prototype[Symbol.hasInstance].call(this, value) || (names.includes(this.name) && isBranded(value, this.name))
    } catch {
      return false
    }
  }
  Object.defineProperty(base.prototype, brand, { value: true })
  Object.defineProperty(base, Symbol.hasInstance, { value: hasInstance })
}

function isBranded(value: unknown, name: string): boolean {
  if (typeof value !== 'object' || value === null || (value as Record<symbol, unknown>)[brand] !== true) return false
  for (let prototype: unknown = Object.getPrototypeOf(value); prototype !== null; prototype = Object.getPrototypeOf(prototype)) {
    if ((prototype as object).constructor.name === name) return true
  }
  return false
}
