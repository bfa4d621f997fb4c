/**
 * Single lines of the product, changed for the worse. Each must be caught by the model test, or else by the
 * chaos run.
 *
 * @type {readonly { name: string, file: string, from: string, to: string }[]} `from` stands in the file once
 */
export const mutants = [
  {
    name: 'fence check removed',
    file: 'packages/queue/lua/fragments/finish.lua',
    from: 'if holder ~= fence then',
    to: 'if not holder then',
  },
  {
    name: 'the number of the attempt for a fence',
    file: 'packages/queue/lua/fragments/take.lua',
    from: 'local fence = whole(math.max(microseconds, last + 1))',
    to: "local fence = '1000000000000001'",
  },
  {
    name: 'recovery never runs',
    file: 'packages/queue/lua/variants/tidy/tidy.lua',
    from: 'if now >= untouched then recover(100)',
    to: 'if now < 0 then recover(100)',
  },
  {
    name: 'promoted before due',
    file: 'packages/queue/lua/fragments/promote.lua',
    from: "scheduled, '-inf', whole(now)",
    to: "scheduled, '-inf', whole(now + 40)",
  },
  {
    name: 'settled without being removed',
    file: 'packages/queue/lua/fragments/active.lua',
    from: "redis.call('ZREM', active, unpack(ids))",
    to: "redis.call('ZREM', active, '')",
  },
  {
    name: 'lease kept after the settlement',
    file: 'packages/queue/lua/fragments/active.lua',
    from: "redis.call('HDEL', leases, unpack(ids))",
    to: "redis.call('HDEL', leases, '\\n')",
  },
  {
    name: 'add acknowledged before it is written',
    file: 'packages/queue/src/add/adder.ts',
    from: 'const answer = await this.#shard.composed(',
    to: 'if (this.#durability === undefined) tellAdded(this.#parts, adds, ids, `${Date.now()}  `)\n      const answer = await this.#shard.composed(',
  },
  {
    name: 'any heartbeat holds every lease',
    file: 'packages/queue/lua/variants/tidy/fragments/recover.lua',
    from: "heartbeats[holder] = tonumber(redis.call('ZSCORE', workers, holder) or 0)",
    to: 'heartbeats[holder] = now + 1000',
  },
  {
    name: 'attempts not counted',
    file: 'packages/worker/src/run/judge.ts',
    from: 'const attempts = state.attempts + 1',
    to: 'const attempts = state.attempts',
  },
  {
    name: 'token kept by a full worker',
    file: 'packages/queue/lua/fragments/watch.lua',
    from: "if full and not paused and (redis.call('ZCARD', ready) > 0 or (earliest and not keeps and not covered)) then alert() end",
    to: '',
  },
  {
    name: 'copy of an add applied again',
    file: 'packages/queue/lua/fragments/copied.lua',
    from: 'if not applied or tonumber(applied) < tonumber(number) then return nil end',
    to: 'if true then return nil end',
  },
  {
    name: 'copy of a call by hand applied again',
    file: 'packages/queue/lua/fragments/numbered.lua',
    from: 'if before then return tonumber(before) or 0 end',
    to: '',
  },
  {
    name: 'answer of a numbered call not stored',
    file: 'packages/queue/lua/fragments/remember.lua',
    from: "redis.call('HSET', sessions, lane, number .. ' ' .. answer)",
    to: '',
  },
  {
    name: 'number of a call by hand not raised',
    file: 'packages/queue/src/shard/numbered-calls.ts',
    from: '...lane.nextCall(clock)',
    to: '...lane.nextCall(clock), number: 1',
  },
  {
    name: 'number of a settlement not stored',
    file: 'packages/queue/lua/settle.lua',
    from: "redis.call('HSET', sessions, lane, number .. ' ' .. refused)",
    to: '',
  },
  {
    name: 'first write of a settlement no removal',
    file: 'packages/queue/lua/settle.lua',
    from: "redis.call('ZREM', active, '')",
    to: "redis.call('HSET', meta, 'settled', whole(now))",
  },
  {
    name: 'sequence given at add, not when a job becomes ready',
    file: 'packages/queue/lua/fragments/promote.lua',
    from: 'rank(rows[i], sequence + i, startBy)',
    to: 'rank(rows[i], i, startBy)',
  },
  {
    name: 'no time to look again when nothing was taken',
    file: 'packages/queue/lua/fragments/watch.lua',
    from: "'keeperUntil', whole(now + @constant:keeperHolds), 'armed', whole(next))\n    return whole(next)",
    to: "'keeperUntil', whole(now + @constant:keeperHolds), 'armed', whole(next))\n    return ''",
  },
  {
    name: 'pause ignored by the take',
    file: 'packages/queue/lua/fragments/take.lua',
    from: "if want == 0 or paused or late then return {}, '', {}, {}, '', 0 end",
    to: "if want == 0 or late then return {}, '', {}, {}, '', 0 end",
  },
  {
    name: 'a cancelled job stays ready',
    file: 'packages/queue/lua/cancel.lua',
    from: "not running and redis.call('ZREM', ready, id) +",
    to: "not running and (redis.call('ZSCORE', ready, id) and 1 or 0) +",
  },
  {
    name: 'stalls not counted',
    file: 'packages/queue/lua/variants/tidy/fragments/recover.lua',
    from: 'whole(stalls + 1)',
    to: 'whole(stalls)',
  },
  {
    name: 'number of a batch not raised',
    file: 'packages/queue/src/add/adder.ts',
    from: '...lane.nextCall(this.#clock)',
    to: '...lane.nextCall(this.#clock), number: 1',
  },
  {
    name: 'an active job does not hold its unique key',
    file: 'packages/queue/lua/features/unique/fragments/holder.lua',
    from: "if during ~= 'w' and redis.call('ZSCORE', active, id) then return id, during, 'active' end",
    to: '',
  },
  {
    name: 'unique key kept after the end',
    file: 'packages/queue/lua/features/unique/ended.lua',
    from: 'for _, id in ipairs(freed) do release(id) end',
    to: '',
  },
  {
    name: 'any end frees the unique key of a later job',
    file: 'packages/queue/lua/features/unique/fragments/release.lua',
    from: "if behind == id or string.match(redis.call('HGET', unique, 'k' .. key) or '', '^[wu] (.*)$') ~= id then return nil end",
    to: 'if behind == id then return nil end',
  },
  {
    name: 'a retry asks for no unique key',
    file: 'packages/queue/lua/retry.lua',
    from: 'not (key and holderOf(key))',
    to: 'true',
  },
  {
    name: 'a script takes a queue with other features for its own',
    file: 'packages/queue/lua/settle.lua',
    from: "if (features or '') ~= '@features' then return redis.error_reply('OTHER_FEATURES ' .. (features or '')) end",
    to: '',
  },
  {
    name: 'a feature is not named when it is first used',
    file: 'packages/queue/lua/fragments/join-features.lua',
    from: "if text ~= (stored or '') then redis.call('HSET', meta, 'features', text) end",
    to: '',
  },
  {
    name: 'who has started in time expires all the same',
    file: 'packages/queue/lua/features/expiry/taken.lua',
    from: 'whole(bounded[i + 1] + @constant:timeLimit)',
    to: 'whole(bounded[i + 1])',
  },
  {
    name: 'a job that is handed back has lost its time to start',
    file: 'packages/queue/lua/features/expiry/left.lua',
    from: "if #kept > 0 then redis.call('ZADD', deadlines, unpack(kept)) end",
    to: '',
  },
  {
    name: 'nobody looks at the time until which jobs may start',
    file: 'packages/queue/lua/features/expiry/overdue.lua',
    from: 'if expiring then',
    to: 'if false then',
  },
  {
    name: 'a unique key is of no account',
    file: 'packages/queue/lua/features/unique/added.lua',
    from: "if claim ~= '' then",
    to: 'if false then',
  },
  {
    name: 'schedules that are due are told of to nobody',
    file: 'packages/queue/lua/features/schedules/tidied.lua',
    from: 'if #told > 0 then',
    to: 'if false then',
  },
]
