export const schedulesKeys = {
  /** id of a schedule → what it is to do and what it has done, see schedule-put.lua */
  schedules: 'hash',
  /** id of a schedule → its next run in ms */
  ticks: 'sorted set',
} as const
