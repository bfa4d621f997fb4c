import { percentile } from './check/recovery.mjs'

function number(value) {
  return typeof value === 'number' ? value.toLocaleString('en-US') : value
}

function table(rows) {
  const widths = rows[0].map((_cell, column) => Math.max(...rows.map((row) => row[column].length)))
  return rows
    .map(
      (row) =>
        `| ${row.map((cell, column) => (column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]))).join(' | ')} |\n`,
    )
    .join('')
}

/** What was counted, how quickly work went on, and what was broken. */
export function reportText({ findings: { lines, violations }, recovery }) {
  const counts = table([['', 'count', 'must be'], ...lines.map(({ title, value, required }) => [title, String(number(value)), required])])
  const milliseconds = (times, share) => (times.length === 0 ? '–' : number(Math.round(percentile(times, share))))
  const times = table([
    ['until work goes on after …, in ms', 'made', 'measured', 'p50', 'p99', 'max'],
    ...recovery.map(({ name, made, times: all }) => [
      name,
      String(made),
      String(all.length),
      milliseconds(all, 0.5),
      milliseconds(all, 0.99),
      milliseconds(all, 1),
    ]),
  ])
  const broken = violations.map(
    ({ title, count, examples }) => `\nBROKEN: ${title}: ${count}\n${examples.map((example) => `  ${example}\n`).join('')}`,
  )
  return `${counts}\n${times}${broken.join('')}\n${violations.length === 0 ? 'chaos: nothing broken' : `chaos: ${violations.length} promises broken`}\n`
}
