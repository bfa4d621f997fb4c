export const uniqueKeys = {
  /**
   * 'k' + unique key → for how long it is held, and the id of the job that holds it; 'b' + key → id of the
   * job that is blocked behind it; 'i' + id → its key
   */
  unique: 'hash',
} as const
