import Redis from 'ioredis'

/** Reads what the server says of itself, over a connection of its own. */
export async function openInspector(url) {
  const redis = new Redis(url)
  const fields = async (section) =>
    Object.fromEntries(
      (await redis.info(section))
        .split('\r\n')
        .filter((line) => line.includes(':'))
        .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]),
    )
  return {
    /** The server's user and system time so far, in µs. */
    async cpuTime() {
      const { used_cpu_user: user, used_cpu_sys: system } = await fields('cpu')
      return (Number(user) + Number(system)) * 1e6
    },
    /** `used_memory` less what client connections hold, in bytes. */
    async memory() {
      const { used_memory: used, mem_clients_normal: clients } = await fields('memory')
      return Number(used) - Number(clients ?? 0)
    },
    /** Name and version of the server, for the report's header. */
    async server() {
      const information = await fields('server')
      return information.valkey_version ? `Valkey ${information.valkey_version}` : `Redis ${information.redis_version}`
    },
    /** Empties the server; with AOF also its file, which else grows from sample to sample. */
    async empty({ aof }) {
      await redis.flushall('SYNC')
      if (!aof) return
      await redis.bgrewriteaof()
      while ((await fields('persistence')).aof_rewrite_in_progress !== '0') await new Promise((resolve) => setTimeout(resolve, 20))
    },
    close: () => redis.quit(),
  }
}
