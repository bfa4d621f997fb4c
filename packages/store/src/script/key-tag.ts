/**
 * The hash tag that all keys of one structure carry, `{<prefix>:<segment>:…}`: what a script uses together is
 * in one slot of a cluster.
 *
 * The parts are escaped, so no two lists of parts make one tag, whatever characters they hold. A queue's name
 * comes right after the prefix and is never empty; there the other structures have an empty segment, so that
 * none of them is ever taken for a queue.
 */
export function keyTag(prefix: string, ...segments: readonly string[]): string {
  return `{${[prefix, ...segments].map(escapeSegment).join(':')}}`
}

function escapeSegment(text: string): string {
  return text.replaceAll(/[%:{}]/g, encodeURIComponent)
}
