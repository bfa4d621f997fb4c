import Redis from 'ioredis'
import Redlock from 'redlock'

const ttl = 30_000

export async function openLocks({ url }) {
  const redis = new Redis(url)
  await redis.ping()
  // With ten tries, its default, contenders give up; delay and jitter are its defaults.
  const redlock = new Redlock([redis], { retryCount: -1 })
  // It takes an error of the server for a lock that is not free, and would try without end: this ends the
  // sample's process.
  redlock.on('clientError', (error) => {
    throw error
  })
  return {
    acquire: (path) => redlock.lock(`lock:${path}`, ttl),
    release: (lock) => lock.unlock(),
    close: () => redlock.quit(),
  }
}
