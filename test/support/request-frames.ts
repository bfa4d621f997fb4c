/** Cuts what a client sends into requests: arrays of bulk strings, as every client library sends them. */
export class RequestFrames {
  #rest = Buffer.alloc(0)

  /** The requests that are complete with this chunk. */
  push(chunk: Buffer): Buffer[] {
    let bytes = Buffer.concat([this.#rest, chunk])
    const frames: Buffer[] = []
    for (let end = frameEnd(bytes); end !== undefined; end = frameEnd(bytes)) {
      frames.push(bytes.subarray(0, end))
      bytes = bytes.subarray(end)
    }
    this.#rest = bytes
    return frames
  }
}

function frameEnd(bytes: Buffer): number | undefined {
  const header = readNumber(bytes, 0, '*')
  if (header === undefined) return undefined
  let { next } = header
  for (let left = header.value; left > 0; left--) {
    const length = readNumber(bytes, next, '$')
    if (length === undefined) return undefined
    next = length.next + length.value + 2
  }
  return next <= bytes.length ? next : undefined
}

function readNumber(bytes: Buffer, start: number, sigil: string): { value: number; next: number } | undefined {
  const end = bytes.indexOf('\r\n', start)
  if (end === -1) return undefined
  const line = bytes.toString('latin1', start, end)
  if (!line.startsWith(sigil)) throw new Error(`the proxy reads requests in RESP, got '${line.slice(0, 40)}'`)
  return { value: Number(line.slice(1)), next: end + 2 }
}
