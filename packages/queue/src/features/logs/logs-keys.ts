export const logsKeys = {
  /**
   * id → number of its last line, how many it has, fence and number in its attempt of the last, and the
   * lines, see log.lua: one row for a job, which goes with one HDEL
   */
  logs: 'hash',
} as const
