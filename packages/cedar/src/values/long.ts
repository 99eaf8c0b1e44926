// Cedar's Long: a signed integer of 64 bits. A larger result is an error, never a wrong number.
import { EvaluationError } from '../evaluation-error.ts';

/** A number if it is a safe integer, otherwise a bigint. So each value has one form. */
export type Long = number | bigint;

const MIN = -(2n ** 63n);
const MAX = 2n ** 63n - 1n;

const overflow = new EvaluationError('The result of the calculation does not fit into 64 bits.');

export function isLong(value: unknown): value is Long {
  return typeof value === 'number' || typeof value === 'bigint';
}

/** Throws an `EvaluationError` for an integer that does not fit into 64 bits. */
export function longFrom(value: bigint): Long {
  if (value < MIN || value > MAX) throw overflow;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** Throws an `EvaluationError` if the result does not fit. The same holds for the functions that follow. */
export function add(one: Long, other: Long): Long {
  const sum = Number(one) + Number(other);
  return areExact(one, other, sum) ? sum : longFrom(BigInt(one) + BigInt(other));
}

export function subtract(one: Long, other: Long): Long {
  const difference = Number(one) - Number(other);
  return areExact(one, other, difference) ? difference : longFrom(BigInt(one) - BigInt(other));
}

export function multiply(one: Long, other: Long): Long {
  const product = Number(one) * Number(other);
  return areExact(one, other, product) ? product : longFrom(BigInt(one) * BigInt(other));
}

export function negate(value: Long): Long {
  return subtract(0, value);
}

/** The quotient without its fraction. `divisor` is a positive safe integer. */
export function divide(value: Long, divisor: number): Long {
  if (typeof value === 'number') return (value - (value % divisor)) / divisor;
  return longFrom(value / BigInt(divisor));
}

/** The remainder that is never negative. `divisor` is a positive safe integer. */
export function remainder(value: Long, divisor: number): number {
  const rest = typeof value === 'number' ? value % divisor : Number(value % BigInt(divisor));
  return rest < 0 ? rest + divisor : rest;
}

/** Whether a calculation with numbers is exact. A bigint is not a safe integer. */
function areExact(one: Long, other: Long, result: number): boolean {
  return Number.isSafeInteger(one) && Number.isSafeInteger(other) && Number.isSafeInteger(result);
}
