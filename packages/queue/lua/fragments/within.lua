-- Up to `count` members from a rank on, as many as one answer may carry: 8 MiB, and one member at least. How
-- long a member is shows when it has been read, so the steps begin small.
-- @param step 2 with scores, else 1
-- @param read a ZRANGE from a rank to a rank
local function within(from, count, step, read)
  local found, bytes, longest, some = {}, 0, 1, 8
  while count > 0 do
    some = math.min(some, count)
    local page = read(from, from + some - 1)
    for i = 1, #page, step do
      bytes = bytes + #page[i]
      if bytes > @constant:memberBytes and #found > 0 then return found end
      longest = math.max(longest, #page[i])
      for j = i, i + step - 1 do found[#found + 1] = page[j] end
    end
    if #page < some * step then break end
    from, count = from + some, count - some
    some = math.max(1, math.min(2 * some, math.floor((@constant:memberBytes - bytes) / longest)))
  end
  return found
end
