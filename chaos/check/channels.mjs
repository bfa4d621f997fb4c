/**
 * ms that a change may have been under way before it was acknowledged: longer, and its call would have been
 * given up.
 */
const underWay = 5_000

/**
 * Whether no change of the channel was lost, and no revision given twice. Reads the hash of the channel with
 * a plain command: value (JSON), rev and epoch.
 */
export async function checkChannels({ channels, notes }, redis, { prefix, channelLabel }, { mayTake }, findings) {
  const [value, rev, epoch] = await redis.hmget(`{${prefix}::_ipc_${channelLabel}}`, 'value', 'rev', 'epoch')
  const document = JSON.parse(value)
  const of = (letter) => channels.filter(({ fields }) => fields[0] === letter)
  const isLost = (at) => mayTake(Number(at) - underWay, Number(at))
  const sets = of('v').map(({ life, fields: [, at, begun, revision, n] }) => ({
    life,
    epoch: begun,
    rev: Number(revision),
    n: Number(n),
    lost: isLost(at),
  }))
  const increments = of('n').map(({ fields: [, at, total] }) => ({ value: Number(total), lost: isLost(at) }))
  // A writer that was killed may have had one change under way.
  const killed = notes.filter(({ what, life, signal }) => what === 'ended' && signal !== null && life.startsWith('channel-writer')).length
  const unknown = of('u').filter(({ fields }) => fields[1] === 'n').length + killed
  findings.tell('channel changes acknowledged', sets.length + increments.length)
  findings.tell('… without an answer', of('u').length)
  findings.none(
    'channel revisions given twice',
    repeated(sets, (each) => `${each.epoch} ${each.rev}`),
  )
  findings.none(
    'increments that gave one value twice',
    repeated(increments, (each) => String(each.value)),
  )
  findings.none('channel changes lost, or made twice', [
    ...sets.filter((each) => each.epoch !== epoch).map((each) => ({ text: `the channel was begun anew: epoch ${epoch}`, lost: each.lost })),
    ...missing({ sets, increments, unknown }, { document, rev: Number(rev) }),
  ])
  findings.none(
    'watches that went back',
    of('W').map(({ life, fields: [, from, until, states] }) => ({
      text: `${life}: ${states}`,
      lost: mayTake(Number(from) - underWay, Number(until)),
    })),
  )
  findings.none(
    'other errors told by channel writers',
    [...of('E'), ...of('x')]
      .filter(({ fields }) => !fields.includes('RIPEN_STORE_FULL'))
      .map(({ life, fields }) => `${life}: ${fields.join(' ')}`),
  )
}

/** What the state at the end lacks: where enough of it may be gone by a failover, `lost`. */
function* missing({ sets, increments, unknown }, { document, rev }) {
  const acknowledged = [...sets, ...increments]
  const safe = (list) => list.filter(({ lost }) => !lost)
  const newest = (list) => list.reduce((most, each) => Math.max(most, each.rev), 0)
  if (rev < newest(sets) || rev < acknowledged.length)
    yield {
      text: `rev ${rev} at the end, ${newest(sets)} acknowledged, ${acknowledged.length} changes`,
      lost: rev >= newest(safe(sets)) && rev >= safe(acknowledged).length,
    }
  if (document.total < increments.length || document.total > increments.length + unknown)
    yield {
      text: `the number is ${document.total}, ${increments.length} increments acknowledged, ${unknown} unknown`,
      lost: document.total >= safe(increments).length && document.total <= increments.length + unknown,
    }
  for (const [writer, n] of Object.entries(document.last)) {
    const own = sets.filter(({ life }) => life.startsWith(`${writer}.`))
    const last = own.at(-1)
    if (last !== undefined && n < last.n)
      yield { text: `${writer} is at ${n}, and ${last.n} was acknowledged`, lost: n >= (safe(own).at(-1)?.n ?? 0) }
  }
}

/** Those that come again. The first of two is gone where a failover explains it. */
function repeated(list, name) {
  const seen = new Map()
  return list.flatMap((each) => {
    const text = name(each)
    const former = seen.get(text)
    seen.set(text, each)
    return former === undefined ? [] : [{ text, lost: former.lost || each.lost }]
  })
}
