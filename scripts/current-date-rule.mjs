/**
 * A rule for oxlint, which has none for it: refuses a date made of nothing, `new Date()` or `Date()`, which
 * is the present time.
 */
const isDate = ({ type, name }) => type === 'Identifier' && name === 'Date'

const currentDate = {
  meta: { messages: { current: 'Time comes from store.clock, or from the server.' } },
  create(context) {
    return {
      NewExpression(node) {
        if (isDate(node.callee) && node.arguments.length === 0) context.report({ node, messageId: 'current' })
      },
      CallExpression(node) {
        if (isDate(node.callee)) context.report({ node, messageId: 'current' })
      },
    }
  },
}

export default { meta: { name: 'ripen' }, rules: { 'no-current-date': currentDate } }
