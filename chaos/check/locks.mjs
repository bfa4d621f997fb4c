/** Whether nobody held a lock beside another, and fences grew. */
export function checkLocks({ locks }, { mayTake }, findings) {
  const sections = readSections(locks)
  const held = sections.filter(({ told, released }) => told === '0' && released === '1')
  findings.tell('locks granted', sections.length)
  findings.tell('… released in time', held.length)
  findings.tell('… lost, as their holders were told', sections.filter(({ told, released }) => told === '1' || released === '0').length)
  const [together, backwards] = [[], []]
  // A failover may lose the grant, and any renewal of it.
  const isLost = ({ from, until }) => mayTake(from - renewed, until)
  const show = ({ path, fence, from, until, life }) => `${path} ${fence} ${from}–${until} ${life}`
  for (const resource of new Set(held.map(({ path }) => path))) {
    // All that lie above it or at it are in each other's way.
    const line = held
      .filter(({ path }) => path === resource || resource.startsWith(`${path}.`))
      .sort((a, b) => a.from - b.from || a.fence - b.fence)
    let last = line[0]
    for (const section of line.slice(1)) {
      const lost = isLost(last) || isLost(section)
      const beside = section.from < last.until
      if (beside) together.push({ text: `${show(last)} and ${show(section)}`, lost })
      // Of two that a failover has let in at one time either may be the older.
      if (section.fence <= last.fence) backwards.push({ text: `${show(last)} before ${show(section)}`, lost: lost && beside })
      if (section.until > last.until) last = section
    }
  }
  findings.none('two holders at one time', together)
  findings.none('fences that did not grow', backwards)
  const fences = sections.map(({ fence }) => fence)
  findings.none(
    'fences given twice',
    fences.length === new Set(fences).size ? [] : [`${fences.length - new Set(fences).size} of ${fences.length}`],
  )
  findings.none(
    'writes of a holder refused by the resource',
    held.filter(({ refused }) => refused > 0).map((section) => ({ text: show(section), lost: isLost(section) })),
  )
  findings.tell(
    'writes of former holders refused',
    sections.reduce((sum, { refused }) => sum + refused, 0),
  )
  findings.tell(
    'writes without an answer',
    sections.reduce((sum, { unanswered }) => sum + unanswered, 0),
  )
  findings.none(
    'other errors told by lock holders',
    locks
      .filter(({ fields: [letter, code] }) => letter === 'E' && !outages.has(code))
      .map(({ life, fields }) => `${life}: ${fields.slice(1).join(' ')}`),
  )
}

/**
 * ms: the lease of the locks. What is granted may have been freed by the end of a lease whose renewal is
 * gone.
 */
const renewed = 2_000

/** What a contender may meet in an outage, and while memory is full. */
const outages = new Set(['RIPEN_CONNECTION', 'RIPEN_STORE_FULL'])

/**
 * { path, fence, life, from, until, told, released, refused, unanswered }; what its holder had no time to
 * write is undefined.
 */
export function readSections(locks) {
  const open = new Map()
  const sections = []
  for (const { life, fields } of locks) {
    const [letter, path, fence, third, fourth] = fields
    if (letter === 'h') {
      const section = {
        path,
        fence: Number(fence),
        life,
        from: Number(third),
        until: undefined,
        told: undefined,
        released: undefined,
        refused: 0,
        unanswered: 0,
      }
      open.set(`${life} ${fence}`, section)
      sections.push(section)
      continue
    }
    const section = open.get(`${life} ${fence}`)
    if (letter === 'p')
      Object.assign(section, { refused: section.refused + Number(third === '0'), unanswered: section.unanswered + Number(third === '?') })
    else if (letter === 'e') Object.assign(section, { until: Number(third), told: fourth })
    else if (letter === 'r') section.released = fourth
  }
  return sections
}
