import { parse, type BinaryExpression, type CallExpression, type Expression as Node } from 'acorn'
import { roundHalfAway } from './round-half-away.ts'

/** An expression of a calibration, ready to be evaluated for a raw number. */
export type Expression = (raw: number) => number

/** What `{}` stands for while the expression is parsed. */
const placeholder = '$raw'

/** The longest expression, in characters. It is bounded because parser and evaluator are recursive. */
const longest = 1_000

interface KnownFunction {
  readonly least: number
  readonly most: number
  readonly apply: (...values: number[]) => number
}

const one = (apply: (value: number) => number): KnownFunction => ({ least: 1, most: 1, apply: (value = Number.NaN) => apply(value) })

const functions: ReadonlyMap<string, KnownFunction> = new Map([
  ['times2', one((value) => 2 * value)],
  ['times3', one((value) => 3 * value)],
  ['abs', one(Math.abs)],
  ['sqrt', one(Math.sqrt)],
  ['floor', one(Math.floor)],
  ['ceil', one(Math.ceil)],
  ['exp', one(Math.exp)],
  ['log', one(Math.log)],
  ['pow', { least: 2, most: 2, apply: (base = Number.NaN, exponent = Number.NaN) => base ** exponent }],
  ['min', { least: 1, most: 100, apply: Math.min }],
  ['max', { least: 1, most: 100, apply: Math.max }],
  ['round', { least: 1, most: 2, apply: (value = Number.NaN, decimals = 0) => roundHalfAway(value, decimals) }],
])

const operators: ReadonlyMap<string, (left: number, right: number) => number> = new Map([
  ['+', (left, right) => left + right],
  ['-', (left, right) => left - right],
  ['*', (left, right) => left * right],
  ['/', (left, right) => left / divisor(right)],
  // As in Python, where the configurations come from: the result has the sign of the divisor.
  ['%', (left, right) => left - divisor(right) * Math.floor(left / right)],
  ['**', (left, right) => left ** right],
])

/**
 * Parses an expression over `{}`, the raw value: numbers, + - * / % **, parentheses, and the functions
 * times2, times3, abs, sqrt, min, max, round, floor, ceil, log, exp, pow. The grammar is that of JavaScript
 * (by acorn), so -2**2 has to be written (-2)**2 or -(2**2). What is not on this list is refused, and nothing
 * is ever evaluated by the engine.
 *
 * @returns a function that throws for a division by zero. Its result may be NaN or infinite.
 * @throws Error that tells what is wrong.
 */
export function compileExpression(text: string): Expression {
  if (text.length > longest) throw new Error(`is longer than ${longest} characters`)
  if (text.includes('$')) throw new Error('Unexpected $')
  const { body } = parse(text.replaceAll('{}', ` ${placeholder} `), { ecmaVersion: 2022, sourceType: 'module' })
  const [statement] = body
  if (statement?.type !== 'ExpressionStatement' || body.length !== 1) throw new Error('is not one expression')
  return compile(statement.expression)
}

function compile(node: Node): Expression {
  if (node.type === 'Literal' && typeof node.value === 'number') {
    const { value } = node
    return () => value
  }
  if (node.type === 'Identifier') {
    if (node.name !== placeholder) throw new Error(`unknown name '${node.name}'`)
    return (raw) => raw
  }
  if (node.type === 'UnaryExpression' && (node.operator === '-' || node.operator === '+')) {
    const argument = compile(node.argument)
    return node.operator === '-' ? (raw) => -argument(raw) : argument
  }
  if (node.type === 'BinaryExpression') return compileBinary(node)
  if (node.type === 'CallExpression') return compileCall(node)
  throw new Error(`a ${node.type} is not allowed`)
}

function compileBinary({ operator, left, right }: BinaryExpression): Expression {
  const apply = operators.get(operator)
  if (apply === undefined || left.type === 'PrivateIdentifier') throw new Error(`the operator ${operator} is not allowed`)
  const [first, second] = [compile(left), compile(right)]
  return (raw) => apply(first(raw), second(raw))
}

function compileCall({ callee, optional, arguments: given }: CallExpression): Expression {
  const name = callee.type === 'Identifier' && !optional ? callee.name : ''
  const known = functions.get(name)
  if (known === undefined) throw new Error(`there is no function '${name}'`)
  if (given.length < known.least || given.length > known.most)
    throw new Error(`${name} takes ${known.least === known.most ? known.least : `${known.least} to ${known.most}`} arguments`)
  const values = given.map((argument) => {
    if (argument.type === 'SpreadElement') throw new Error('a SpreadElement is not allowed')
    return compile(argument)
  })
  return (raw) => known.apply(...values.map((value) => value(raw)))
}

function divisor(value: number): number {
  if (value === 0) throw new Error('division by zero')
  return value
}
