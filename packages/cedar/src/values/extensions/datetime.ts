// Cedar's `datetime` (milliseconds since 1970 in UTC) and `duration`.
import { EvaluationError } from '../../evaluation-error.ts';
import type { Long } from '../long.ts';
import { add, divide, longFrom, multiply, remainder, subtract } from '../long.ts';

export interface Datetime {
  readonly kind: 'datetime';
  readonly milliseconds: Long;
}

export interface Duration {
  readonly kind: 'duration';
  readonly milliseconds: Long;
}

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const DATETIME =
  /^(\d{4})-(\d{2})-(\d{2})(?:T(\d{2}):(\d{2}):(\d{2})(?:\.(\d{3}))?(?:Z|([+-])(\d{2})(\d{2})))?$/;
const DURATION = /^(-?)(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?$/;

/** The groups of `DATETIME`. The whole text and the sign of the offset are not numbers. */
type Parts = [
  text: number,
  year: number,
  month: number,
  day: number,
  hour: number,
  minute: number,
  second: number,
  millisecond: number,
  sign: number,
  offsetHour: number,
  offsetMinute: number,
];

/**
 * A date, or a date with a time and an offset: `2026-11-30`, `2026-11-30T12:00:00Z`,
 * `2026-11-30T12:00:00.000+0100`. Throws an `EvaluationError`.
 */
export function datetime(text: string): Datetime {
  const match = DATETIME.exec(text);
  if (!match) throw notDatetime(text);
  const [, year, month, day, hour, minute, second, millisecond, , offsetHour, offsetMinute] = match.map(
    (digits) => Number(digits ?? 0),
  ) as Parts;
  const isInRange =
    month >= 1 && month <= 12 && day >= 1 && day <= daysOf(year, month) && hour < 24 && minute < 60;
  if (!isInRange || second >= 60 || offsetHour >= 24 || offsetMinute >= 60) throw notDatetime(text);
  // Date.UTC reads years below 100 as 1900 and later.
  const date = new Date(0).setUTCFullYear(year, month - 1, day);
  const time = hour * HOUR_MS + minute * MINUTE_MS + second * SECOND_MS + millisecond;
  const offset = offsetHour * HOUR_MS + offsetMinute * MINUTE_MS;
  const milliseconds = date + time - (match[8] === '-' ? -offset : offset);
  return { kind: 'datetime', milliseconds };
}

/**
 * Units in descending order, each once: `1d2h30m`, `-5s`, `100ms`. Throws an `EvaluationError`.
 */
export function duration(text: string): Duration {
  const match = DURATION.exec(text);
  if (!match || text === '' || text === '-') {
    throw new EvaluationError(`"${text}" is not a duration: write, for example, 1d2h30m5s or 250ms.`);
  }
  const isNegative = match[1] === '-';
  const units = [DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, 1];
  const milliseconds = units.reduceRight((sum: Long, unit, index) => {
    const amount = BigInt(match[index + 2] ?? 0);
    return add(sum, multiply(longFrom(isNegative ? -amount : amount), unit));
  }, 0);
  return { kind: 'duration', milliseconds };
}

/** Throws an `EvaluationError` if the result does not fit. The same holds for the functions that follow. */
export function offset(from: Datetime, by: Duration): Datetime {
  return { kind: 'datetime', milliseconds: add(from.milliseconds, by.milliseconds) };
}

export function durationSince(later: Datetime, earlier: Datetime): Duration {
  return { kind: 'duration', milliseconds: subtract(later.milliseconds, earlier.milliseconds) };
}

/** Midnight of the day, in UTC. */
export function toDate({ milliseconds }: Datetime): Datetime {
  return { kind: 'datetime', milliseconds: subtract(milliseconds, remainder(milliseconds, DAY_MS)) };
}

/** The time since midnight, in UTC. */
export function toTime({ milliseconds }: Datetime): Duration {
  return { kind: 'duration', milliseconds: remainder(milliseconds, DAY_MS) };
}

/** A duration in whole units, without the rest. */
export const durationIn = {
  toMilliseconds: ({ milliseconds }: Duration): Long => milliseconds,
  toSeconds: ({ milliseconds }: Duration): Long => divide(milliseconds, SECOND_MS),
  toMinutes: ({ milliseconds }: Duration): Long => divide(milliseconds, MINUTE_MS),
  toHours: ({ milliseconds }: Duration): Long => divide(milliseconds, HOUR_MS),
  toDays: ({ milliseconds }: Duration): Long => divide(milliseconds, DAY_MS),
};

function daysOf(year: number, month: number): number {
  const isLeapYear = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  if (month === 2) return isLeapYear ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}

function notDatetime(text: string): EvaluationError {
  return new EvaluationError(
    `"${text}" is not a datetime: write, for example, 2026-11-30 or 2026-11-30T12:00:00Z.`,
  );
}
