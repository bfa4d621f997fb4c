/**
 * Single lines of the product, changed for the worse. Each must be caught by the model test, or else by the chaos run.
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
    file: 'packages/queue/lua/settle.lua',
    from: 'if now >= spared then recover(100)',
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
    file: 'packages/queue/lua/fragments/finish.lua',
    from: "redis.call('ZREM', active, unpack(settled))",
    to: "redis.call('ZREM', active, '')",
  },
  {
    name: 'lease kept after the settlement',
    file: 'packages/queue/lua/fragments/finish.lua',
    from: "redis.call('HDEL', leases, unpack(settled))",
    to: "redis.call('HDEL', leases, '\\n')",
  },
  {
    name: 'add acknowledged before it is written',
    file: 'packages/queue/src/adder.ts',
    from: 'const answer = await this.#shard.script(addScript, values, rest, bounds)',
    to: 'tellAdded(batch, `${Date.now()} `)\n        const answer = await this.#shard.script(addScript, values, rest, bounds)',
  },
  {
    name: 'any heartbeat holds every lease',
    file: 'packages/queue/lua/fragments/recover.lua',
    from: "heartbeats[holder] = tonumber(redis.call('ZSCORE', workers, holder) or 0)",
    to: 'heartbeats[holder] = now + 1000',
  },
  {
    name: 'attempts not counted',
    file: 'packages/worker/src/runner.ts',
    from: 'const attempts = state.attempts + 1',
    to: 'const attempts = state.attempts',
  },
  {
    name: 'token kept by a full worker',
    file: 'packages/queue/lua/fragments/watch.lua',
    from: "if full and not settings[2] and (redis.call('ZCARD', ready) > 0 or (earliest and not keeps and not covered)) then alert() end",
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
    file: 'packages/queue/src/numbered-calls.ts',
    from: 'number: ++lane.number',
    to: 'number: (lane.number ||= 1)',
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
    from: 'rank(rows[i], sequence + i, deadlineOf(due[i]))',
    to: 'rank(rows[i], i, deadlineOf(due[i]))',
  },
  {
    name: 'no time to look again when nothing was taken',
    file: 'packages/queue/lua/fragments/watch.lua',
    from: "'keeperUntil', whole(now + 1500), 'armed', whole(next))\n    return whole(next)",
    to: "'keeperUntil', whole(now + 1500), 'armed', whole(next))\n    return ''",
  },
  {
    name: 'pause ignored by the take',
    file: 'packages/queue/lua/fragments/take.lua',
    from: "if want == 0 or settings[2] or left then return {}, '', {}, {}, '', 0 end",
    to: "if want == 0 or left then return {}, '', {}, {}, '', 0 end",
  },
  {
    name: 'a cancelled job stays ready',
    file: 'packages/queue/lua/cancel.lua',
    from: "not running and redis.call('ZREM', ready, id) +",
    to: "not running and (redis.call('ZSCORE', ready, id) and 1 or 0) +",
  },
  {
    name: 'stalls not counted',
    file: 'packages/queue/lua/fragments/recover.lua',
    from: 'whole(stalls + 1)',
    to: 'whole(stalls)',
  },
  {
    name: 'number of a batch not raised',
    file: 'packages/queue/src/adder.ts',
    from: 'const number = ++lane.number',
    to: 'const number = (lane.number ||= 1)',
  },
  {
    name: 'an active job does not hold its unique key',
    file: 'packages/queue/lua/features/unique/fragments/holder.lua',
    from: "if during ~= 'w' and redis.call('ZSCORE', active, id) then return id, during, 'active' end",
    to: '',
  },
  {
    name: 'unique key kept after the end',
    file: 'packages/queue/lua/fragments/ends.lua',
    from: 'for _, id in ipairs(keyed or {}) do release(id) end',
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
]
