// A live progress bar across two processes: one works and keeps its progress in a channel, the other watches
// it. This program starts itself again as the one that works.
import { spawn } from 'node:child_process'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Channel, connect } from '@ripen/store'

interface Progress {
  done: number
  total: number
  current: string
}

const store = await connect()
const progress = new Channel<Progress>(store, 'example-import')
await (process.argv[2] === 'work' ? work() : show())
await store.close()

async function work(): Promise<void> {
  const total = (await progress.get('total')) as number
  for (let file = 1; file <= total; file++) {
    await pause(25)
    // Both changes are one step: nobody sees the one without the other.
    await progress.pipeline().query('numincrby', 'done', 1).set(`file-${file}.csv`, 'current').exec()
  }
}

async function show(): Promise<void> {
  await progress.reset({ done: 0, total: 20, current: '' })
  const worker = spawn(process.execPath, [...process.execArgv, fileURLToPath(import.meta.url), 'work'], {
    env: { ...process.env, RIPEN_URL: store.url },
    stdio: 'inherit',
  })
  const failed = new AbortController()
  const ended = new Promise<void>((resolve) =>
    worker.once('exit', (code) => {
      if (code !== 0) failed.abort()
      resolve()
    }),
  )

  let quarters = 0
  // The state that the channel is in, then each newer one; a slow watcher skips to the newest.
  for await (const { value, rev } of progress.watch({ signal: failed.signal })) {
    const { done, total, current } = value
    if (process.stdout.isTTY) process.stdout.write(`\r${bar(done, total)} ${current}${done === total ? '\n' : ''}`)
    else while (quarters < Math.floor((done / total) * 4)) console.log(bar((++quarters * total) / 4, total))
    if (done === total) {
      console.log(`imported ${total} files in ${rev} changes, the last was ${current}`)
      break
    }
  }
  if (failed.signal.aborted) console.log('the process that works has failed')

  await ended
  await progress.delete()
}

function bar(done: number, total: number): string {
  return `${'█'.repeat(done)}${'░'.repeat(total - done)} ${Math.round((done / total) * 100)} %`
}
