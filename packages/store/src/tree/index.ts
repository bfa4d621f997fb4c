export type { Path } from './path.ts'
export { root, section, Tree, type TreeOptions } from './tree.ts'
export type { TreeNode } from './tree-node.ts'
