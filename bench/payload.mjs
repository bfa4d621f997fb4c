/** The number of the first payload: seven digits from here on, so that every payload has the same length. */
const first = 1_000_000

/** The highest number of jobs one sample may add, so that the numbers keep seven digits. */
export const maximumJobs = 9_000_000

/** The length of every payload as JSON, in bytes. */
export const payloadBytes = 85

/** The data of job `index`, counted from 0: an object of `payloadBytes` bytes as JSON. */
export function payload(index) {
  return { n: first + index, to: 'ada@example.org', template: 'welcome', tenant: 't-0042', tries: 1 }
}

/** The data of jobs `from` up to, not including, `to`. */
export function payloads(from, to) {
  return Array.from({ length: to - from }, (_, offset) => payload(from + offset))
}

/** Which job the data belongs to, counted from 0. */
export function indexOf(data) {
  return data.n - first
}
