// Compiles expressions of Cedar's JSON form to closures. Accepts all operators of the language, and refuses
// everything else. Parts that do not depend on the request are evaluated once, when the policy is compiled.

import { CedarError } from '../cedar-error.ts';
import type { ExpressionJson } from '../language/policy-json.ts';
import { extensionFunction } from '../values/extensions/extension-functions.ts';
import { valueFromJson } from '../values/value-json.ts';
import type { Value } from '../values/values.ts';
import { recordValue, setValue } from '../values/values.ts';
import { hasAttribute, hasTag, readAttribute, readTag } from './attributes.ts';
import { isIn, isOfType } from './hierarchy.ts';
import type { Node } from './node.ts';
import { constantNode, dependentNode, foldedNode } from './node.ts';
import * as operators from './operators.ts';
import type { PatternPart } from './pattern.ts';

/**
 * Throws a `CedarError` for an operator that is not in the language, or an operand that it does not accept.
 * @example
 * const node = compileExpression({ '==': { left: { Var: 'principal' }, right: { Var: 'resource' } } });
 * node.evaluate(evaluation); // throws an EvaluationError if the expression fails
 */
export function compileExpression(json: unknown): Node {
  const [operator, ...more] = Object.keys((json ?? {}) as ExpressionJson);
  if (operator === undefined || more.length > 0) throw unknownOperator(String(operator));
  const body = (json as ExpressionJson)[operator];
  const compile = COMPILERS.get(operator);
  return compile ? compile(body as Body) : compileCall(operator, body);
}

/** The members of the operators in JSON. */
interface Body {
  left: unknown;
  right: unknown;
  arg: unknown;
  attr: string | readonly string[];
  pattern: readonly PatternPart[];
  entity_type: string;
  in?: unknown;
  if: unknown;
  then: unknown;
  else: unknown;
}

type Compile = (body: Body) => Node;

const unary =
  (apply: (value: Value) => Value): Compile =>
  ({ arg }) => {
    const { evaluate, constant } = compileExpression(arg);
    return foldedNode([constant], (evaluation) => apply(evaluate(evaluation)));
  };

const binary =
  (apply: (one: Value, other: Value) => Value): Compile =>
  ({ left, right }) => {
    const [one, other] = [compileExpression(left), compileExpression(right)];
    return foldedNode([one.constant, other.constant], (evaluation) =>
      apply(one.evaluate(evaluation), other.evaluate(evaluation)),
    );
  };

const COMPILERS: ReadonlyMap<string, Compile> = new Map<string, Compile>([
  ['Value', (body) => constantNode(valueFromJson(body))],
  ['Var', (body) => variable(body)],
  ['!', unary(operators.not)],
  ['neg', unary(operators.negated)],
  ['isEmpty', unary(operators.isEmpty)],
  ['==', compileEquality],
  ['!=', (body) => not(compileEquality(body))],
  ['<', binary(operators.isLess)],
  ['<=', binary(operators.isLessOrEqual)],
  ['>', binary((one, other) => operators.isLess(other, one))],
  ['>=', binary((one, other) => operators.isLessOrEqual(other, one))],
  ['+', binary(operators.sum)],
  ['-', binary(operators.difference)],
  ['*', binary(operators.product)],
  ['contains', binary(operators.containsOne)],
  ['containsAll', binary(operators.containsAll)],
  ['containsAny', binary(operators.containsAny)],
  ['&&', compileAnd],
  ['||', compileOr],
  ['if-then-else', compileIf],
  ['like', compileLike],
  ['in', ({ left, right }) => isIn(compileExpression(left), compileExpression(right))],
  ['is', compileIs],
  ['.', ({ left, attr }) => readAttribute(compileExpression(left), String(attr))],
  ['has', compileHas],
  ['getTag', ({ left, right }) => readTag(compileExpression(left), compileExpression(right))],
  ['hasTag', ({ left, right }) => hasTag(compileExpression(left), compileExpression(right))],
  ['Set', compileSet],
  ['Record', compileRecord],
]);

function variable(name: unknown): Node {
  switch (name) {
    case 'principal':
      return {
        ...dependentNode(({ principal }) => principal),
        entity: ({ principalEntity }) => principalEntity,
      };
    case 'action':
      return { ...dependentNode(({ action }) => action), entity: ({ actionEntity }) => actionEntity };
    case 'resource':
      return { ...dependentNode(({ resource }) => resource), entity: ({ resourceEntity }) => resourceEntity };
    case 'context':
      return dependentNode(({ context }) => context);
  }
  throw unknownOperator(`Var ${String(name)}`);
}

function compileEquality({ left, right }: Pick<Body, 'left' | 'right'>): Node {
  const [one, other] = [compileExpression(left), compileExpression(right)];
  return foldedNode([one.constant, other.constant], operators.equality(one, other));
}

function not(node: Node): Node {
  const { evaluate, constant } = node;
  return foldedNode([constant], (evaluation) => !evaluate(evaluation));
}

function compileAnd({ left, right }: Body): Node {
  const [one, other] = [compileExpression(left).evaluate, compileExpression(right).evaluate];
  return dependentNode((evaluation) => {
    const first = one(evaluation);
    if (first === false) return false;
    if (first !== true) throw operators.notBoolean;
    return operators.truth(other(evaluation));
  });
}

function compileOr({ left, right }: Body): Node {
  const [one, other] = [compileExpression(left).evaluate, compileExpression(right).evaluate];
  return dependentNode((evaluation) => {
    const first = one(evaluation);
    if (first === true) return true;
    if (first !== false) throw operators.notBoolean;
    return operators.truth(other(evaluation));
  });
}

function compileIf(body: Body): Node {
  const guard = compileExpression(body.if).evaluate;
  const [yes, no] = [compileExpression(body.then).evaluate, compileExpression(body.else).evaluate];
  return dependentNode((evaluation) =>
    operators.truth(guard(evaluation)) ? yes(evaluation) : no(evaluation),
  );
}

function compileLike({ left, pattern }: Body): Node {
  const { evaluate, constant } = compileExpression(left);
  if (!pattern.every((part) => part === 'Wildcard' || typeof part.Literal === 'string'))
    throw unknownOperator(`like ${JSON.stringify(pattern)}`);
  const matches = operators.like(pattern);
  return foldedNode([constant], (evaluation) => matches(evaluate(evaluation)));
}

function compileIs({ left, entity_type: type, in: above }: Body): Node {
  const node = compileExpression(left);
  if (above === undefined) return isOfType(node, type);
  const isOf = isOfType(node, type).evaluate;
  const isBelow = isIn(node, compileExpression(above)).evaluate;
  return dependentNode((evaluation) => isOf(evaluation) === true && isBelow(evaluation));
}

/** `left has a.b.c` asks for each attribute on the way. */
function compileHas({ left, attr }: Body): Node {
  const names = typeof attr === 'string' ? [attr] : attr;
  if (!names?.length) throw unknownOperator('has without a name');
  let node = compileExpression(left);
  const steps = names.map((name) => {
    const step = hasAttribute(node, name).evaluate;
    node = readAttribute(node, name);
    return step;
  });
  return dependentNode(
    steps.reduce((before, step) => (evaluation) => before(evaluation) === true && step(evaluation)),
  );
}

function compileSet(body: unknown): Node {
  const members = (body as unknown[]).map(compileExpression);
  return foldedNode(
    members.map(({ constant }) => constant),
    (evaluation) => setValue(members.map(({ evaluate }) => evaluate(evaluation))),
  );
}

function compileRecord(body: object): Node {
  const members = Object.entries(body).map(([name, json]) => ({ name, ...compileExpression(json) }));
  return foldedNode(
    members.map(({ constant }) => constant),
    (evaluation) => recordValue(new Map(members.map(({ name, evaluate }) => [name, evaluate(evaluation)]))),
  );
}

function compileCall(name: string, body: unknown): Node {
  const called = extensionFunction(name);
  if (!called || !Array.isArray(body) || body.length !== called.arity) throw unknownOperator(name);
  const [one, other = constantNode(false)] = body.map(compileExpression) as [Node, Node?];
  return foldedNode([one.constant, other.constant], (evaluation) =>
    called.call(one.evaluate(evaluation), other.evaluate(evaluation)),
  );
}

function unknownOperator(name: string): CedarError {
  return new CedarError(`The policy uses "${name}", which is not in Cedar's language.`);
}
