import { BulkError, ClosingError, ConfigurationError, RipenError, type Store } from '@ripen/store'
import { acrossCopies, any, optional, parseOptions, queueName, showAs, soughtIdentifier, text, type Rule } from '@ripen/store/internal'
import { Adders } from './add/adders.ts'
import { addBulk, prepareBulk } from './add/bulk.ts'
import { ExistingJobs } from './read/existing-jobs.ts'
import { JobFactory } from './add/job-factory.ts'
import { JobReader, type JobFilter, type PageOptions } from './read/job-reader.ts'
import { JobCommands } from './steer/job-commands.ts'
import type { Input } from './job/job-map.ts'
import type { JobOptions } from './job/job-options.ts'
import { homesOf, type JobHome } from './job/job-home.ts'
import type { Job, JobState, StoredJob } from './job/job.ts'
import { JobNews } from './read/job-news.ts'
import { defineQueue, isDefinition, type QueueDefinition } from './queue-definition.ts'
import { settingKeys, type QueueSettings } from './queue-settings.ts'
import { Schedules } from './schedule/schedules.ts'
import { Shard } from './shard/shard.ts'
import { Waits } from './read/waits.ts'
import { watchJob } from './read/watch-job.ts'

/** The data, which may be left out where it may be undefined, and the options. */
export type AddArguments<Given> = undefined extends Given ? [data?: Given, options?: JobOptions] : [data: Given, options?: JobOptions]

/** One job of a bulk. */
export type BulkItem<J> = {
  [Name in keyof J & string]: { readonly name: Name; readonly options?: JobOptions } & (undefined extends Input<J, Name>
    ? { readonly data?: Input<J, Name> }
    : { readonly data: Input<J, Name> })
}[keyof J & string]

/** No option is known yet; what is given is refused by name. */
export type NoOptions = Readonly<Record<string, never>>

const longestReason = 1_000
const reasonRule: Rule<string> = (option, value) => {
  const reason = text(option, value)
  if (reason.length > longestReason)
    throw new ConfigurationError(option, `must have at most ${longestReason} characters, got ${reason.length}`)
  return reason
}

/**
 * A queue: enqueues jobs, reads them and steers them. It uses the connections of its store and never closes
 * it.
 *
 * `J` is the job map: one entry for each job name, with its data, or `(data) => result`, or what `job()`
 * makes.
 */
export class Queue<J = Record<string, any>> implements AsyncDisposable {
  static {
    acrossCopies(this, ['Queue'])
    showAs(this.prototype, 'Queue', ({ name, store }) => ({ name, store }))
    homesOf(this.prototype, (queue) => queue.#home)
  }

  readonly name: string
  readonly store: Store
  /** The given definition, or one made from the name and settings. */
  readonly definition: QueueDefinition<J>
  readonly schedules: Schedules<J>
  readonly #home: JobHome
  readonly #shard: Shard
  readonly #adders: Adders
  readonly #news: JobNews
  readonly #waits: Waits
  readonly #factory: JobFactory
  readonly #reader: JobReader
  readonly #commands: JobCommands
  readonly #closed = new AbortController()

  /**
   * @param queue a name, or a definition from `defineQueue`. Settings can be passed only with a name.
   * @throws ConfigurationError for a name or an option that breaks its rule.
   */
  constructor(queue: string | QueueDefinition<J>, options: { readonly store: Store } & QueueSettings) {
    const { store, ...settings } = parseOptions('Queue options', options, {
      store: any<Store>(),
      ...(isDefinition(queue) ? {} : settingKeys),
    })
    this.definition = isDefinition<J>(queue) ? queue : defineQueue<J>(queue, settings as QueueSettings)
    this.name = queueName('name', this.definition.name)
    this.store = store
    this.#shard = new Shard(store, this.name, this.definition.settings)
    this.#news = new JobNews(this.#shard)
    this.#waits = new Waits(this.#news, this.#shard)
    this.#factory = new JobFactory(this.definition)
    this.#home = this.#makeHome()
    this.#reader = new JobReader(this.#shard, this.#home)
    const existing = new ExistingJobs(this.#reader, this.#shard.store)
    this.#adders = new Adders({ shard: this.#shard, home: this.#home, existing })
    this.schedules = new Schedules<J>(this.#shard, this.#factory, this.#adders)
    this.#commands = new JobCommands(this.#shard, this.#reader)
  }

  /** Connects, and checks that the settings agree with those of the queue's first use. */
  async ready(): Promise<this> {
    await this.store.ready()
    await this.#shard.order()
    return this
  }

  /**
   * Adds a job. Resolves when the server has it: from then on it reaches an end, whatever process dies. Adds
   * of one tick travel together.
   *
   * @throws ConfigurationError, InvalidJobError before anything is written; EnqueueTimeoutError when the
   *   server did not confirm within `enqueueTimeout` (the job may exist); DurabilityError likewise, when
   *   replicas were asked for; StoreFullError; ClosingError.
   */
  add<Name extends keyof J & string>(name: Name, ...[data, options]: AddArguments<Input<J, Name>>): Promise<Job<J, Name>> {
    return new Promise<StoredJob>((resolve, reject) => {
      // What this throws rejects the promise.
      const prepared = this.#factory.prepare(name, data, options)
      if (!(prepared instanceof Promise)) this.#adders.of(prepared.durability).push(prepared, resolve, reject)
      else prepared.then((job) => this.#adders.of(job.durability).push(job, resolve, reject)).catch(reject)
    }) as unknown as Promise<Job<J, Name>>
  }

  /**
   * Adds many jobs, in calls of at most 500. All jobs are checked before any is written.
   *
   * @throws ConfigurationError or InvalidJobError, which name the item; BulkError if some were not added,
   *   with a job or an error for each.
   */
  async addBulk(items: readonly BulkItem<J>[]): Promise<Job<J>[]> {
    const prepared = prepareBulk(this.#factory, items)
    const results = await addBulk(this.#adders, prepared instanceof Promise ? await prepared : prepared)
    if (results.some((result) => result instanceof RipenError)) throw new BulkError(results)
    return results as unknown as Job<J>[]
  }

  /** The job as it is now. Null if there is none, or if the text cannot be an id. */
  async getJob(id: string): Promise<Job<J> | null> {
    const sought = soughtIdentifier('id', id)
    const [job = null] = sought === undefined ? [] : await this.#reader.read([sought])
    return job as Job<J> | null
  }

  /**
   * A page of jobs of one state.
   *
   * @throws ConfigurationError for a filter, limit or cursor that breaks its rule.
   */
  async getJobs(filter: JobFilter, options?: PageOptions): Promise<{ jobs: Job<J>[]; cursor: string | null }> {
    return (await this.#reader.list(filter, options)) as unknown as { jobs: Job<J>[]; cursor: string | null }
  }

  /** How many jobs are in each state. */
  counts(): Promise<Record<JobState, number>> {
    return this.#reader.counts()
  }

  /**
   * Makes a failed or cancelled job ready again with a full new set of attempts, unless another job holds its
   * unique key. Returns how many: 0 or 1. @throws InvalidJobError if its row cannot be read.
   */
  async retry(id: string, options?: NoOptions): Promise<number> {
    parseOptions('retry options', options, {})
    return this.#commands.retry(id)
  }

  /**
   * Makes a scheduled job ready now. Returns how many: 0 or 1. @throws InvalidJobError if its row cannot be
   * read.
   */
  async promote(id: string, options?: NoOptions): Promise<number> {
    parseOptions('promote options', options, {})
    return this.#commands.promote(id)
  }

  /** Deletes a job that is not active. Waits for it reject with a JobGoneError. Returns how many: 0 or 1. */
  async remove(id: string, options?: NoOptions): Promise<number> {
    parseOptions('remove options', options, {})
    return this.#commands.remove(id)
  }

  /**
   * Ends a waiting job as cancelled, or aborts the signal of an active one in whichever process runs it. The
   * reason may have at most 1,000 characters. Returns how many: 0 or 1.
   */
  async cancel(id: string, options?: { readonly reason?: string }): Promise<number> {
    const { reason } = parseOptions('cancel options', options, { reason: optional(reasonRule, '') })
    return this.#commands.cancel(id, reason)
  }

  /** Deletes all jobs that are ready, scheduled or blocked. Returns how many. */
  async clear(options?: NoOptions): Promise<number> {
    parseOptions('clear options', options, {})
    return this.#commands.clear()
  }

  /**
   * Stops all workers from taking jobs until `resume`. Running jobs go on. Resolves when the server has it.
   */
  async pause(options?: NoOptions): Promise<void> {
    parseOptions('pause options', options, {})
    return this.#commands.pause(true)
  }

  async resume(options?: NoOptions): Promise<void> {
    parseOptions('resume options', options, {})
    return this.#commands.pause(false)
  }

  #makeHome(): JobHome {
    const [shard, news, closed] = [this.#shard, this.#news, this.#closed.signal]
    return {
      name: this.name,
      shard,
      wait: (id, options) => this.#waits.wait(id, options),
      watch: (id, options) => watchJob({ shard, news, reader: this.#reader, closed }, id, options),
      getJob: (id) => this.getJob(id),
      retry: (id) => this.retry(id),
      cancel: (id, options) => this.cancel(id, options),
      promote: (id) => this.promote(id),
      remove: (id) => this.remove(id),
    }
  }

  /**
   * Rejects pending waits and unsent calls with a ClosingError, and refuses new calls that change something.
   * The store stays open. Idempotent.
   */
  close(): Promise<void> {
    if (!this.#closed.signal.aborted) {
      this.#closed.abort(new ClosingError('the queue'))
      this.#adders.close()
      this.#commands.close()
      this.#waits.close()
      this.#news.close()
    }
    return Promise.resolve()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
