import { jobsOf } from './rows/catalogue.mjs'
import { compare, median, range } from './statistics.mjs'
import { titleOf } from './peers/catalogue.mjs'
import { verdict } from './verdict.mjs'

const extraPeers = ['bee-queue', 'groupmq']

function number(value, digits) {
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })
}

function ratioText(ratio) {
  return ratio.toPrecision(3).replace(/\.?0+$/, '')
}

function titleOfArm(row, name) {
  const arm = row.arms.find((candidate) => candidate.name === name)
  return arm.name === arm.peer ? titleOf(arm.peer) : arm.name
}

/** `median (lowest–highest)`, or why there is none. */
function cell(samples, line) {
  if (samples === undefined) return '–'
  const values = valuesOf(samples, line.key).filter((value) => value !== undefined)
  if (values.length === 0) return 'failed'
  const [low, high] = range(values)
  return `${number(median(values), line.digits)} (${number(low, line.digits)}–${number(high, line.digits)})`
}

function valuesOf(samples, key) {
  return samples.map((sample) => sample.figures?.[key])
}

/** One line of the table as data: what was measured, how it compares, and what that means. */
function judge(row, samples, line) {
  const subject = samples[line.subject]
  const reference = samples[line.reference]
  const measured = subject ? valuesOf(subject, line.key).filter((value) => value !== undefined) : []
  const value = measured.length > 0 ? median(measured) : undefined
  const comparison = value !== undefined && reference ? compare(valuesOf(subject, line.key), valuesOf(reference, line.key)) : undefined
  const failed = subject?.some((sample) => sample.error)
  return {
    value,
    ...comparison,
    verdict: failed ? 'NOT MET: a sample failed' : verdict(line.required, { ratio: comparison?.ratio, value }),
  }
}

function bounds(required) {
  if (!required) return ['', '']
  const unit = required.of === 'ratio' ? '×' : ''
  const sense = required.sense === 'at least' ? '≥' : '≤'
  return [required.goal, required.limit].map((bound) => `${sense} ${bound}${unit}`)
}

/** All lines of a row's result as cells of the table. */
function tableLines({ row, samples }) {
  return row.lines.map((line) => {
    const judged = judge(row, samples, line)
    const ratio = Number.isFinite(judged.ratio) ? `${ratioText(judged.ratio)} (${judged.range.map(ratioText).join('–')})` : '–'
    const others = extraPeers.map((name) => (row.arms.some((arm) => arm.name === name) ? cell(samples[name], line) : '–'))
    const reference = `${titleOfArm(row, line.reference)}: ${cell(samples[line.reference], line)}`
    const durability = row.durability === 'everysec' ? ', AOF everysec' : ''
    const title = `${line.title}${durability}, ${line.unit}`
    return [title, cell(samples[line.subject], line), reference, ratio, ...bounds(line.required), judged.verdict, ...others]
  })
}

/** Every sample that failed, with the first line of its error. */
function failures(results) {
  return results.flatMap(({ row, samples }) =>
    Object.entries(samples).flatMap(([arm, list]) =>
      list.flatMap(({ error }, pair) =>
        error ? [`- ${row.name}, ${titleOfArm(row, arm)}, pair ${pair + 1}: ${error.split('\n')[0]}`] : [],
      ),
    ),
  )
}

/** The report in Markdown: where it ran, the table, what failed. */
export function markdown({ machine, pairs, jobs, results }) {
  const heads = ['row', 'Ripen', 'against', 'ratio', 'goal', 'limit', 'verdict', ...extraPeers.map(titleOf)]
  const table = [heads, heads.map(() => '---'), ...results.flatMap(tableLines)].map((cells) => `| ${cells.join(' | ')} |`)
  const failed = failures(results)
  return [
    ...Object.entries(machine).map(([name, value]) => `- ${name}: ${value}`),
    `- ${pairs} interleaved samples of each, ${jobs.toLocaleString('en-US')} jobs in the usual sample; medians (lowest–highest); ratios are those of the medians (lowest–highest within a pair)`,
    '',
    ...table,
    '',
    ...(failed.length > 0 ? ['Failed samples:', '', ...failed, ''] : []),
  ].join('\n')
}

/** The same as data, every sample included. */
export function record({ machine, pairs, jobs, results }) {
  return {
    machine,
    pairs,
    rows: results.map(({ row, samples }) => ({
      name: row.name,
      durability: row.durability,
      jobs: jobsOf(row, jobs),
      lines: row.lines.map((line) => ({
        title: line.title,
        unit: line.unit,
        key: line.key,
        subject: line.subject,
        reference: line.reference,
        required: line.required,
        ...judge(row, samples, line),
      })),
      samples,
    })),
  }
}

/** Whether a sample failed or a figure lies beyond its limit. */
export function fallsShort(results) {
  return (
    failures(results).length > 0 ||
    results.some(({ row, samples }) => row.lines.some((line) => judge(row, samples, line).verdict.startsWith('NOT MET')))
  )
}
