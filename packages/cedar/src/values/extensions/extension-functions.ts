// The functions of Cedar's extensions: decimal, ipaddr, datetime and duration.
import { CedarError } from '../../cedar-error.ts';
import { EvaluationError } from '../../evaluation-error.ts';
import type { ExtensionValue, Value } from '../values.ts';
import type { Datetime, Duration } from './datetime.ts';
import { datetime, duration, durationIn, durationSince, offset, toDate, toTime } from './datetime.ts';
import type { Decimal } from './decimal.ts';
import { decimal } from './decimal.ts';
import type { IpAddress } from './ip-address.ts';
import { ipAddress, isInRange, isLoopback, isMulticast } from './ip-address.ts';

/** A function with the types of its arguments. */
export interface ExtensionFunction {
  readonly arity: 1 | 2;
  /** Throws an `EvaluationError`. */
  call(one: Value, other: Value): Value;
}

const textFunction = (make: (text: string) => Value): ExtensionFunction => ({
  arity: 1,
  call(argument) {
    if (typeof argument !== 'string') throw wrongArgument('a string');
    return make(argument);
  },
});

const unary = <Kind extends ExtensionValue['kind']>(
  kind: Kind,
  apply: (value: Of<Kind>) => Value,
): ExtensionFunction => ({ arity: 1, call: (value) => apply(as(kind, value)) });

const binary = <One extends ExtensionValue['kind'], Other extends ExtensionValue['kind']>(
  kinds: [One, Other],
  apply: (one: Of<One>, other: Of<Other>) => Value,
): ExtensionFunction => ({
  arity: 2,
  call: (one, other) => apply(as(kinds[0], one), as(kinds[1], other)),
});

type Of<Kind extends ExtensionValue['kind']> = Extract<ExtensionValue, { kind: Kind }>;

function as<Kind extends ExtensionValue['kind']>(kind: Kind, value: Value): Of<Kind> {
  if (typeof value === 'object' && value.kind === kind) return value as Of<Kind>;
  throw wrongArgument(`a value of the type ${kind === 'ip' ? 'ipaddr' : kind}`);
}

const compareDecimals = (holds: (one: Decimal, other: Decimal) => boolean) =>
  binary(['decimal', 'decimal'], holds);

const FUNCTIONS: ReadonlyMap<string, ExtensionFunction> = new Map([
  ['decimal', textFunction(decimal)],
  ['lessThan', compareDecimals((one, other) => one.tenThousandths < other.tenThousandths)],
  ['lessThanOrEqual', compareDecimals((one, other) => one.tenThousandths <= other.tenThousandths)],
  ['greaterThan', compareDecimals((one, other) => one.tenThousandths > other.tenThousandths)],
  ['greaterThanOrEqual', compareDecimals((one, other) => one.tenThousandths >= other.tenThousandths)],
  ['ip', textFunction(ipAddress)],
  ['isIpv4', unary('ip', ({ version }: IpAddress) => version === 4)],
  ['isIpv6', unary('ip', ({ version }: IpAddress) => version === 6)],
  ['isLoopback', unary('ip', isLoopback)],
  ['isMulticast', unary('ip', isMulticast)],
  ['isInRange', binary(['ip', 'ip'], isInRange)],
  ['datetime', textFunction(datetime)],
  ['duration', textFunction(duration)],
  ['offset', binary(['datetime', 'duration'], offset)],
  ['durationSince', binary(['datetime', 'datetime'], durationSince)],
  ['toDate', unary('datetime', (value: Datetime) => toDate(value))],
  ['toTime', unary('datetime', (value: Datetime) => toTime(value))],
  ...Object.entries(durationIn).map(([name, convert]): [string, ExtensionFunction] => {
    return [name, unary('duration', (value: Duration) => convert(value))];
  }),
]);

/** Undefined for a name that is not a function of an extension. */
export function extensionFunction(name: string): ExtensionFunction | undefined {
  return FUNCTIONS.get(name);
}

/**
 * Throws a `CedarError` for an unknown function, and an `EvaluationError` for arguments that it does not
 * accept.
 * @example
 * const value = callExtension('ip', ['192.0.2.0/24']);
 */
export function callExtension(name: string, args: readonly Value[]): Value {
  const found = FUNCTIONS.get(name);
  const [one, other] = args;
  if (!found || one === undefined || args.length !== found.arity) {
    throw new CedarError(
      `There is no function "${name}" with ${args.length} arguments in Cedar's extensions.`,
    );
  }
  return found.call(one, other ?? false);
}

function wrongArgument(expected: string): EvaluationError {
  return new EvaluationError(`A function was called with a value that is not ${expected}.`);
}
