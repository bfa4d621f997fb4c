-- A row of `state`: 'attempts:stalls:due:fence:' and, as JSON, error, result and progress. None is the same
-- as '0:0:::'.
-- The only reader and writer of it here; `row.ts` is the one in TypeScript. Answers five texts; nothing for a
-- row that cannot be read.
local function stateOf(row)
  return string.match(row or '0:0:::', '^(%d+):(%d+):(%d*):(%d*):(.*)$')
end
local function stateRow(attempts, stalls, due, fence, tail)
  return attempts .. ':' .. stalls .. ':' .. due .. ':' .. fence .. ':' .. tail
end
