/** What the checker has counted, line by line. */
export class Findings {
  /** { title, value, required }: a text or number, and what it had to be, '' for anything. */
  lines = []
  /** { title, examples }: each is a broken promise. */
  violations = []
  #strict

  /** @param strict whether bounds in time are promises too. */
  constructor(strict) {
    this.#strict = strict
  }

  tell(title, value) {
    this.lines.push({ title, value, required: '' })
  }

  /**
   * What must not be: a text for each case, or { text, lost } where `lost` tells that a failover which lost
   * writes explains it: those are counted by themselves.
   */
  none(title, cases) {
    const broken = cases.filter(({ lost }) => lost !== true).map((each) => each.text ?? each)
    this.lines.push({ title, value: broken.length, required: '0' })
    if (broken.length > 0) this.violations.push({ title, count: broken.length, examples: broken.slice(0, 5) })
    if (broken.length < cases.length) this.tell('… after a failover that lost writes', cases.length - broken.length)
  }

  /** What must not be on a machine that does little else. */
  late(title, cases) {
    if (this.#strict) this.none(title, cases)
    else this.tell(title, cases.length)
  }
}
