export const expiryKeys = {
  /**
   * id → until when it may start, in ms, of unfinished jobs with an `expiresIn`; plus 2^44 while it is active
   */
  deadlines: 'sorted set',
} as const
