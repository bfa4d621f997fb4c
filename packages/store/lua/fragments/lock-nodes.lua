-- A node is its segments, each with the byte 1 before it; the root is ''. Answers the nodes above one, the
-- root first, and the node itself.
local function upTo(node)
  local nodes = {}
  for at in string.gmatch(node, '()\1') do nodes[#nodes + 1] = string.sub(node, 1, at - 1) end
  nodes[#nodes + 1] = node
  return nodes
end
