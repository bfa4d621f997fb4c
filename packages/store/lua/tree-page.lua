-- tree-page: up to 100 names below a node, after `last`: direct children (`kind` 'children') or leaves.
-- Called by TreeNode.children, leaves and exists. Answers whether the node itself is a leaf, where the next
-- page begins ('' for none), and the names.
-- @role tree
-- @reply [leaf: number, next: string, names: string[]]
local nodes, index, expiry = KEYS[1], KEYS[2], KEYS[3]
local node, kind, from, limit = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
-- @include tree-leaves
local leaf = 0
if has(node) then leaf = 1 end
local names = {}
local till = '(' .. node .. '\2'
if from == '' then from = '[' .. node .. '\1' end
for _ = 1, 1000 do
  local step = 1
  if kind == 'leaves' then step = 100 end
  local page = redis.call('ZRANGEBYLEX', index, from, till, 'LIMIT', 0, step)
  if #page == 0 then return { leaf, '', names } end
  from = '(' .. page[#page]
  for _, found in ipairs(live(page)) do
    if kind == 'leaves' then
      names[#names + 1] = found
    else
      local name = string.match(string.sub(found, #node + 2), '^[^\1]*')
      names[#names + 1] = name
      from = '[' .. node .. '\1' .. name .. '\2'
    end
  end
  if #names >= tonumber(limit) then break end
end
return { leaf, from, names }
