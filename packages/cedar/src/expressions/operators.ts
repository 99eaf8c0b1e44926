// The operators on values (https://docs.cedarpolicy.com/policies/syntax-operators.html). Each throws an
// `EvaluationError` for operands of a wrong type.
import { EvaluationError } from '../evaluation-error.ts';
import type { Long } from '../values/long.ts';
import { add, isLong, multiply, negate, subtract } from '../values/long.ts';
import type { SetValue, Value } from '../values/values.ts';
import { contains, isEqual, isSubset, membersOf, sizeOf } from '../values/values.ts';
import type { Evaluate, Node } from './node.ts';
import type { PatternPart } from './pattern.ts';
import { compilePattern } from './pattern.ts';

export const notBoolean = new EvaluationError('A condition is not a boolean.');
const notLong = new EvaluationError('An operand of a calculation is not a whole number.');
const notSet = new EvaluationError('An operand is not a set.');
const notString = new EvaluationError('The left side of `like` is not a string.');
const notComparable = new EvaluationError(
  'Only two whole numbers, two datetimes or two durations can be compared.',
);

export function truth(value: Value): boolean {
  if (value === true || value === false) return value;
  throw notBoolean;
}

export function not(value: Value): boolean {
  return !truth(value);
}

export function negated(value: Value): Value {
  return negate(long(value));
}

export function sum(one: Value, other: Value): Value {
  return add(long(one), long(other));
}

export function difference(one: Value, other: Value): Value {
  return subtract(long(one), long(other));
}

export function product(one: Value, other: Value): Value {
  return multiply(long(one), long(other));
}

export function isLess(one: Value, other: Value): boolean {
  if (isLong(one) && isLong(other)) return one < other;
  return milliseconds(one, other) < milliseconds(other, one);
}

export function isLessOrEqual(one: Value, other: Value): boolean {
  if (isLong(one) && isLong(other)) return one <= other;
  return milliseconds(one, other) <= milliseconds(other, one);
}

export function isEmpty(value: Value): boolean {
  return sizeOf(set(value)) === 0;
}

export function containsOne(whole: Value, member: Value): boolean {
  return contains(set(whole), member);
}

export function containsAll(whole: Value, part: Value): boolean {
  return isSubset(set(part), set(whole));
}

export function containsAny(one: Value, other: Value): boolean {
  const [first, second] = [set(one), set(other)];
  return membersOf(first).some((member) => contains(second, member));
}

export function like(pattern: readonly PatternPart[]): (value: Value) => boolean {
  const matches = compilePattern(pattern);
  return (value) => {
    if (typeof value !== 'string') throw notString;
    return matches(value);
  };
}

/** A comparison with a constant of a simple type needs no check of the types. */
export function equality(one: Node, other: Node): Evaluate {
  if (other.constant === undefined && one.constant !== undefined) return equality(other, one);
  const { constant } = other;
  const { evaluate } = one;
  if (constant !== undefined && typeof constant !== 'object') {
    return (evaluation) => evaluate(evaluation) === constant;
  }
  return (evaluation) => isEqual(evaluate(evaluation), other.evaluate(evaluation));
}

function long(value: Value): Long {
  if (isLong(value)) return value;
  throw notLong;
}

function set(value: Value): SetValue {
  if (typeof value === 'object' && value.kind === 'set') return value;
  throw notSet;
}

/** The time of a datetime or a duration; `other` must be of the same kind. */
function milliseconds(value: Value, other: Value): Long {
  if (typeof value === 'object' && typeof other === 'object' && value.kind === other.kind) {
    if (value.kind === 'datetime' || value.kind === 'duration') return value.milliseconds;
  }
  throw notComparable;
}
