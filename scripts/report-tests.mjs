// Prints `N passed, N failed` from vitest's JSON report as the last line of a CI run, and fails when a test
// or a whole file failed, when nothing ran, or when there is no report because the run broke off.
import { existsSync, readFileSync } from 'node:fs'

const path = process.argv[2]
if (path === undefined) {
  console.error('usage: node scripts/report-tests.mjs <report.json>')
  process.exit(2)
}
if (!existsSync(path)) {
  console.error(`${path} is missing: the test run broke off`)
  console.log('0 passed, 1 failed')
  process.exit(1)
}

const report = JSON.parse(readFileSync(path, 'utf8'))
// A file that fails to load has no failed test in it, but it failed.
const brokenFiles = report.testResults.filter(
  ({ status, assertionResults }) => status === 'failed' && assertionResults.every((test) => test.status !== 'failed'),
).length
const failed = report.numFailedTests + brokenFiles
const skipped = report.numPendingTests + report.numTodoTests
for (const { name, status, message } of report.testResults) {
  if (status === 'failed') console.error(`failed: ${name}${message === '' ? '' : `\n${message}`}`)
}
if (!report.success && failed === 0) console.error('vitest reports failure outside of tests: an unhandled error or a leak, see above')
console.log(`${report.numPassedTests} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`)
process.exitCode = report.success && failed === 0 && report.numPassedTests > 0 ? 0 : 1
