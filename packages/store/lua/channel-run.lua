-- channel-run: runs operations, at least one of them a write. Called by Channel for each write, and by a
-- pipeline. What one refuses does not undo the others; each that succeeds raises `rev`.
-- `token` names the call: when the last call applied has it, this is a copy, and is answered as the first one
-- was. `resend` is '' for the first try; later the fate of an earlier one is unknown, and then 'apply' does
-- it again and 'refuse' does not. `expire`: ms until the channel ends, '' for never.
-- Rest: for each operation its name, how many segments its path has, how many arguments it takes, the
-- segments, the arguments. Answers a line for each.
-- @role channels
-- @reply string
local channel = KEYS[1]
local offset, changes, token, resend, expire = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
-- @include now
-- @include channel-state
local head, before = token .. '\n', stored[6] or ''
if string.sub(before, 1, #head) == head then return string.sub(before, #head + 1) end
if resend == 'refuse' then return '!maybe' end
-- Some servers count time in steps of a millisecond: the stamp of a write is after that of the one before all
-- the same.
local stamp = math.max(microseconds, updated + 1)
local written = false
local function begin(value)
  text, rev, created, updated, written = value, 0, stamp, stamp, true
  epoch = math.max(time[1] * 1000000 + time[2], epoch + 1)
end
-- @include channel-arrays
operations.ensure = function(_, _, argument)
  if text then return '=true' end
  begin(ARGV[argument])
  return '=false'
end
operations.reset = function(_, _, argument)
  begin(ARGV[argument])
end
local answers, at = {}, 6
while at <= #ARGV do
  local last = at + 2 + ARGV[at + 1]
  local readable, result, after = pcall(operations[ARGV[at]], at + 3, last, last + 1)
  if not readable then result, after = '!json', nil end
  if after and #after > 4194304 then
    result = '!size'
  elseif after then
    text, rev, updated, written = after, rev + 1, stamp, true
  end
  answers[#answers + 1] = result or '={"epoch":' .. whole(epoch) .. ',"rev":' .. whole(rev) .. '}'
  at = last + 1 + ARGV[at + 2]
end
local answer = table.concat(answers, '\n')
if not written then return answer end
-- A large answer is not kept for a copy of the call: that one is told that it is lost.
local remembered = head .. answer
if #answer > 65536 then remembered = head .. '!lost' end
-- It adds, so with memory full it must be refused: nothing is written before.
-- @include channel-store
return answer
