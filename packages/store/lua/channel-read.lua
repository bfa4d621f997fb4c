-- channel-read: runs operations that only read, all on the same state of the channel. Called by Channel for
-- each read, and by a pipeline of reads. Rest: for each operation its name, how many segments its path has,
-- how many arguments it takes (none), then the segments. Answers a line for each.
-- @role channels
-- @reply string
local channel = KEYS[1]
-- @include channel-state
-- @include channel-reads
local answers, at = {}, 1
while at <= #ARGV do
  local last = at + 2 + ARGV[at + 1]
  local readable, result = pcall(operations[ARGV[at]], at + 3, last)
  answers[#answers + 1] = readable and result or '!json'
  at = last + 1
end
return table.concat(answers, '\n')
