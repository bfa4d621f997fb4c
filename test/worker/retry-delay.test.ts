import type { Queue } from '@ripen/queue'
import { Discard, RetryIn, Snooze, type WorkerOptions } from '@ripen/worker'
import { beforeEach, expect, test } from 'vitest'
import { nextEvent, runningWorker } from '../queue/running-worker.ts'
import { testQueue } from '../queue/test-queue.ts'
import { onEachServer } from '../support/conformance.ts'

type RetryDelay = NonNullable<WorkerOptions['retryDelay']>

onEachServer((_name, server) => {
  let queue: Queue

  beforeEach(() => {
    queue = testQueue(server)
  })

  const outcome = async (retryDelay: RetryDelay, attempts: number, thrown: Error = new Error('broken')): Promise<unknown[]> => {
    const worker = await runningWorker(queue, async () => Promise.reject(thrown), { retryDelay })
    const first = Promise.race([
      nextEvent(worker, 'retrying').then(([, , delay]) => ['retrying', delay]),
      nextEvent(worker, 'failed').then(() => ['failed']),
    ])
    await queue.add('some', { tenant: 't' }, { attempts, backoff: '2 h' })
    return first
  }

  test.for<[string, ReturnType<RetryDelay>, unknown[]]>([
    ['ms', 5_000, ['retrying', 5_000]],
    ['text', '3 minutes', ['retrying', 180_000]],
    ['0', 0, ['retrying', 0]],
    ['false: no more', false, ['failed']],
    ['undefined: as the job says', undefined, ['retrying', 7_200_000]],
  ])('retryDelay may answer %s', async ([, answer, expected]) => {
    expect(await outcome(() => answer, 3)).toEqual(expected)
  })

  test('retryDelay hears the error and the job', async () => {
    const heard: unknown[] = []
    const delay: RetryDelay = (error, job) => {
      heard.push(error.message, job.data, job.attempt)
      return 1_000
    }
    await outcome(delay, 2)
    expect(heard).toEqual(['broken', { tenant: 't' }, 1])
  })

  test('retryDelay is not asked after the last attempt, nor where the handler has decided', async () => {
    let asked = 0
    const delay: RetryDelay = () => ++asked
    expect(await outcome(delay, 1)).toEqual(['failed'])
    expect(asked).toBe(0)
    queue = testQueue(server)
    expect(await outcome(delay, 3, new Discard())).toEqual(['failed'])
    queue = testQueue(server)
    expect(await outcome(delay, 3, new RetryIn('7 s'))).toEqual(['retrying', 7_000])
    expect(asked).toBe(0)
  })

  test.for<[string, RetryDelay]>([
    [
      'throws',
      () => {
        throw new Error('the fault')
      },
    ],
    ['answers a bad duration', () => 'soon' as '1 s'],
    ['answers NaN', () => Number.NaN],
  ])('a retryDelay that %s is told as an error, and the backoff of the job applies', async ([, delay]) => {
    const worker = await runningWorker(queue, async () => Promise.reject(new Error('broken')), { retryDelay: delay })
    const told = nextEvent(worker, 'error')
    const retrying = nextEvent(worker, 'retrying')
    await queue.add('some', 1, { attempts: 2, backoff: '2 h' })
    expect((await told)[0]).toBeInstanceOf(Error)
    expect((await retrying)[2]).toBe(7_200_000)
  })

  test('a bad duration is refused where the outcome is made', () => {
    expect(() => new Snooze('1 sec' as '1 s')).toThrow(expect.objectContaining({ code: 'RIPEN_CONFIGURATION', option: 'duration' }))
    expect(() => new RetryIn(-1)).toThrow(expect.objectContaining({ code: 'RIPEN_CONFIGURATION', option: 'duration' }))
    expect(() => new Snooze(Number.NaN)).toThrow(expect.objectContaining({ code: 'RIPEN_CONFIGURATION' }))
  })
})
