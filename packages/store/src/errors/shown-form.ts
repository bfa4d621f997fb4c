import { inspect, type InspectOptions } from 'node:util'

/**
 * Gives the instances of a class, or one object, a short form for `console.log`, `util.inspect` and
 * `JSON.stringify`: what tells one from another, and no secrets. What they are made of stays in private
 * fields, which nothing shows.
 *
 * @param shown the prototype of the class, or the object.
 */
export function showAs<T extends object>(shown: T, name: string, form: (instance: T) => object): void {
  const hidden = { configurable: true, writable: true, enumerable: false }
  Object.defineProperties(shown, {
    toJSON: {
      ...hidden,
      value(this: T) {
        return form(this)
      },
    },
    [inspect.custom]: {
      ...hidden,
      value(this: T, _depth: number, options: InspectOptions, show: typeof inspect) {
        return `${name} ${show(form(this), options)}`
      },
    },
  })
}
