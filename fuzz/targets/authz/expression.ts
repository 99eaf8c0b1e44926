// Random expressions of Cedar in JSON, mostly of the type that their place asks for.
import type { Random } from '../../harness/random.ts';
import { ATTRIBUTES, anyUid, anyValue, literal, NUMBERS, TAGS, TEXTS, TYPES } from './values.ts';

type Json = Record<string, unknown>;

export type ExpressionType =
  | 'boolean'
  | 'long'
  | 'string'
  | 'entity'
  | 'set'
  | 'record'
  | 'decimal'
  | 'ip'
  | 'datetime'
  | 'duration';

const EXPRESSION_TYPES: readonly ExpressionType[] = [
  'boolean',
  'long',
  'string',
  'entity',
  'set',
  'record',
  'decimal',
  'ip',
  'datetime',
  'duration',
];

/** One in so many operands has any type. */
const ILL_TYPED = 14;

/** `depth` is how many operators may be inside each other. */
export function expression(random: Random, type: ExpressionType, depth: number): Json {
  const made = random.below(ILL_TYPED) === 0 ? random.pick(EXPRESSION_TYPES) : type;
  if (depth <= 0) return leaf(random, made);
  const of = (wanted: ExpressionType) => expression(random, wanted, depth - 1);
  const any = () => of(random.pick(EXPRESSION_TYPES));
  // biome-ignore lint/suspicious/noThenProperty: Cedar's own name
  if (random.below(8) === 0) return { 'if-then-else': { if: of('boolean'), then: of(made), else: of(made) } };
  if (random.below(4) === 0) return attribute(random, of);
  if (random.below(20) === 0) return { getTag: { left: of('entity'), right: tagName(random, of) } };
  return MAKERS[made](random, of, any);
}

type Of = (type: ExpressionType) => Json;
type Make = (random: Random, of: Of, any: () => Json) => Json;

const both = (operator: string, left: Json, right: Json): Json => ({ [operator]: { left, right } });

const MAKERS: Record<ExpressionType, Make> = {
  boolean: (random, of, any) => random.pick(BOOLEAN_MAKERS)(random, of, any),
  long: (random, of) =>
    random.pick<() => Json>([
      () => both(random.pick(['+', '-', '*']), of('long'), of('long')),
      () => ({ neg: { arg: of('long') } }),
      () => ({ [random.pick(DURATION_UNITS)]: [of('duration')] }),
      () => leaf(random, 'long'),
    ])(),
  string: (random) => leaf(random, 'string'),
  entity: (random) => leaf(random, 'entity'),
  set: (random, of, any) => ({
    Set: Array.from({ length: random.below(4) }, () => (random.below(3) === 0 ? any() : of('entity'))),
  }),
  record: (random, _of, any) => ({
    Record: Object.fromEntries(
      Array.from({ length: random.below(3) }, () => [random.pick(ATTRIBUTES), any()]),
    ),
  }),
  decimal: (random) => leaf(random, 'decimal'),
  ip: (random) => leaf(random, 'ip'),
  datetime: (random, of) =>
    random.pick<() => Json>([
      () => ({ offset: [of('datetime'), of('duration')] }),
      () => ({ toDate: [of('datetime')] }),
      () => leaf(random, 'datetime'),
    ])(),
  duration: (random, of) =>
    random.pick<() => Json>([
      () => ({ durationSince: [of('datetime'), of('datetime')] }),
      () => ({ toTime: [of('datetime')] }),
      () => leaf(random, 'duration'),
    ])(),
};

const DURATION_UNITS = ['toMilliseconds', 'toSeconds', 'toMinutes', 'toHours', 'toDays'];

const BOOLEAN_MAKERS: readonly Make[] = [
  (random, of) => both(random.pick(['&&', '||']), of('boolean'), of('boolean')),
  (random, of) => both(random.pick(['&&', '||']), of('boolean'), of('boolean')),
  (_random, of) => ({ '!': { arg: of('boolean') } }),
  (random, of) => {
    const type = random.pick(EXPRESSION_TYPES);
    return both(random.pick(['==', '!=']), of(type), of(type));
  },
  (random, of) => {
    const type = random.pick<ExpressionType>(['long', 'datetime', 'duration']);
    return both(random.pick(['<', '<=', '>', '>=']), of(type), of(type));
  },
  (random, of) => both('in', of('entity'), of(random.pick(['entity', 'set']))),
  (random, of) => ({
    is: {
      left: of('entity'),
      entity_type: random.pick(TYPES),
      ...(random.below(2) === 0 && { in: of(random.pick(['entity', 'set'])) }),
    },
  }),
  (_random, of, any) => both('contains', of('set'), any()),
  (random, of) => both(random.pick(['containsAll', 'containsAny']), of('set'), of('set')),
  (_random, of) => ({ isEmpty: { arg: of('set') } }),
  (random, of) => ({ like: { left: of('string'), pattern: pattern(random) } }),
  (random, of) => ({ has: { left: of(random.pick(['entity', 'record'])), attr: attributePath(random) } }),
  (random, of) => both('hasTag', of('entity'), tagName(random, of)),
  (random, of) => ({ [random.pick(['isIpv4', 'isIpv6', 'isLoopback', 'isMulticast'])]: [of('ip')] }),
  (_random, of) => ({ isInRange: [of('ip'), of('ip')] }),
  (random, of) => ({
    [random.pick(['lessThan', 'lessThanOrEqual', 'greaterThan', 'greaterThanOrEqual'])]: [
      of('decimal'),
      of('decimal'),
    ],
  }),
];

function attribute(random: Random, of: Of): Json {
  const left = random.below(2) === 0 ? { Var: 'context' } : of(random.pick(['entity', 'record']));
  return { '.': { left, attr: random.pick(ATTRIBUTES) } };
}

function attributePath(random: Random): string | string[] {
  if (random.below(3) > 0) return random.pick(ATTRIBUTES);
  return Array.from({ length: 1 + random.below(3) }, () => random.pick(ATTRIBUTES));
}

function tagName(random: Random, of: Of): Json {
  return random.below(3) === 0 ? of('string') : { Value: random.pick(TAGS) };
}

function pattern(random: Random): unknown[] {
  return Array.from({ length: random.below(5) }, () =>
    random.below(2) === 0 ? 'Wildcard' : { Literal: random.pick(['a', 'b', '*', 'ä', '😀']) },
  );
}

function leaf(random: Random, type: ExpressionType): Json {
  switch (type) {
    case 'boolean':
      return { Value: random.below(2) === 0 };
    case 'long':
      return { Value: random.pick(NUMBERS) };
    case 'string':
      return { Value: random.pick(TEXTS) };
    case 'entity':
      return random.below(3) === 0
        ? { Value: { __entity: anyUid(random) } }
        : { Var: random.pick(['principal', 'action', 'resource']) };
    case 'record':
      return random.below(2) === 0 ? { Var: 'context' } : { Record: {} };
    case 'set':
      return {
        Set: Array.from({ length: random.below(3) }, () => ({ Value: literal(anyValue(random, 0)) })),
      };
    default:
      return random.pick(EXTENSION_CALLS[type]);
  }
}

const call = (name: string, texts: readonly string[]): Json[] =>
  texts.map((text) => ({ [name]: [{ Value: text }] }));

const EXTENSION_CALLS: Record<'decimal' | 'ip' | 'datetime' | 'duration', readonly Json[]> = {
  decimal: call('decimal', [
    '0.0',
    '-0.0',
    '1.5',
    '1.50',
    '-12.3456',
    '922337203685477.5807',
    '-922337203685477.5808',
    '922337203685477.5808',
    '1.23456',
    '1.',
    '.5',
    '+1.0',
    '01.10',
  ]),
  ip: call('ip', [
    '127.0.0.1',
    '127.0.0.1/8',
    '127.0.0.1/7',
    '10.0.0.0/8',
    '10.1.2.3',
    '10.1.2.3/32',
    '0.0.0.0/0',
    '224.0.0.1',
    '255.255.255.255/1',
    '::1',
    '::1/127',
    '::/0',
    'ff02::1',
    'fe80::1/64',
    '1:2:3:4:5:6:7::',
    '1::2:3:4:5:6:7:8',
    '::ffff:1.2.3.4',
    '::FFFF:102:304',
    '1.2.3',
    '01.2.3.4',
    '1.2.3.4/33',
    '1.2.3.4/08',
    '1.2.3.4/',
    'x',
  ]),
  datetime: call('datetime', [
    '1970-01-01',
    '2024-02-29',
    '2023-02-29',
    '1969-12-31T23:59:59.999Z',
    '0000-01-01',
    '9999-12-31T23:59:59Z',
    '2026-11-30T12:00:00.123+0130',
    '2026-11-30T12:00:00-2359',
    '2026-11-30T12:00:00+2400',
    '2026-11-30T24:00:00Z',
    '2026-11-30T12:00',
    '2026-13-01',
    '2026-04-31',
    '2026-11-30T23:59:60Z',
  ]),
  duration: call('duration', [
    '0ms',
    '1d2h3m4s5ms',
    '-1d',
    '36h',
    '106751991167d7h12m55s807ms',
    '106751991167d7h12m55s808ms',
    '-106751991167d7h12m55s808ms',
    '9223372036854775807ms',
    '1ms1s',
    '-',
    '',
    '1.5h',
  ]),
};
