// Random expressions of Cedar in JSON whose types fit, as Cedar's strict validator asks for: what may be
// absent is asked for first.
import type { Random } from '../../harness/random.ts';
import type { Reading } from './readings.ts';
import { ENTITY_TYPES, readingsOf } from './readings.ts';
import type { Type } from './schema.ts';
import { ENTITY_KINDS } from './schema.ts';
import { literalOf } from './typed-values.ts';
import { TAGS } from './values.ts';

type Json = Record<string, unknown>;
type Of = (type: Type) => Json;

/** `depth` is how many operators may be inside each other. */
export function typedExpression(random: Random, type: Type, depth: number): Json {
  const of: Of = (wanted) => typedExpression(random, wanted, depth - 1);
  const readings = readingsOf(type);
  if (readings.length > 0 && random.below(3) === 0)
    return guarded(random.pick(readings), literalOf(random, type));
  if (depth <= 0) return literalOf(random, type);
  if (random.below(8) === 0) return choice(of('Bool'), of(type), of(type));
  return random.pick(makersOf(type))(random, of);
}

type Make = (random: Random, of: Of) => Json;

const both = (operator: string, left: Json, right: Json): Json => ({ [operator]: { left, right } });
const choice = (guard: Json, yes: Json, no: Json): Json => ({
  // biome-ignore lint/suspicious/noThenProperty: Cedar's own name
  'if-then-else': { if: guard, then: yes, else: no },
});

function guarded({ json, guards }: Reading, otherwise: Json): Json {
  const [first, ...more] = guards;
  return first
    ? choice(
        more.reduce((before, next) => both('&&', before, next), first),
        json,
        otherwise,
      )
    : json;
}

function makersOf(type: Type): readonly Make[] {
  const own = typeof type === 'string' ? MAKERS[type] : [];
  return [...own, ...tagMakers(type), (random) => literalOf(random, type)];
}

/** The tags of one kind of entity have this type. */
function tagMakers(type: Type): readonly Make[] {
  return ENTITY_TYPES.filter((name) => JSON.stringify(ENTITY_KINDS[name].tags) === JSON.stringify(type)).map(
    (name) => (random, of) => {
      const [left, right] = [of({ entity: name }), { Value: random.pick(TAGS) }];
      return choice(both('hasTag', left, right), both('getTag', left, right), literalOf(random, type));
    },
  );
}

const COMPARED: readonly Type[] = ['Long', 'datetime', 'duration'];
const MEMBER_TYPES: readonly Type[] = ['Long', 'String', { entity: 'User' }];
const ANY_TYPES: readonly Type[] = [
  'Bool',
  'Long',
  'String',
  'decimal',
  'ipaddr',
  'datetime',
  'duration',
  ...ENTITY_TYPES.map((entity) => ({ entity })),
  { set: 'Long' },
  { set: 'String' },
];

const BOOLEAN_MAKERS: readonly Make[] = [
  (random, of) => both(random.pick(['&&', '||']), of('Bool'), of('Bool')),
  (random, of) => both(random.pick(['&&', '||']), of('Bool'), of('Bool')),
  (_random, of) => ({ '!': { arg: of('Bool') } }),
  (random, of) => {
    const type = random.pick(ANY_TYPES);
    return both(random.pick(['==', '!=']), of(type), of(type));
  },
  (random, of) => {
    const type = random.pick(COMPARED);
    return both(random.pick(['<', '<=', '>', '>=']), of(type), of(type));
  },
  (random, of) =>
    both('in', of({ entity: random.pick(['User', 'App::Document', 'Group']) }), of({ entity: 'Group' })),
  (random, of) =>
    both('in', of({ entity: 'User' }), {
      Set: [of({ entity: 'Group' }), of({ entity: 'Group' })].slice(random.below(2)),
    }),
  (random) =>
    both(
      'in',
      { Var: 'action' },
      { Value: { __entity: { type: 'Action', id: random.pick(['any', 'read', 'write']) } } },
    ),
  (random, of) => ({ is: { left: of({ entity: 'User' }), entity_type: random.pick(ENTITY_TYPES) } }),
  (_random, of) => ({
    is: { left: of({ entity: 'User' }), entity_type: 'User', in: of({ entity: 'Group' }) },
  }),
  (random, of) => {
    const type = random.pick(MEMBER_TYPES);
    return both('contains', of({ set: type }), of(type));
  },
  (random, of) => {
    const set = { set: random.pick(MEMBER_TYPES) };
    return both(random.pick(['containsAll', 'containsAny']), of(set), of(set));
  },
  (random, of) => ({ isEmpty: { arg: of({ set: random.pick(MEMBER_TYPES) }) } }),
  (random, of) => ({
    like: {
      left: of('String'),
      pattern: [
        { Literal: random.pick(['a', 'r', '']) },
        'Wildcard',
        { Literal: random.pick(['b', 'd', '*']) },
      ],
    },
  }),
  (random, of) => both('hasTag', of({ entity: random.pick(ENTITY_TYPES) }), of('String')),
  (random, of) => ({ [random.pick(['isIpv4', 'isIpv6', 'isLoopback', 'isMulticast'])]: [of('ipaddr')] }),
  (_random, of) => ({ isInRange: [of('ipaddr'), of('ipaddr')] }),
  (random, of) => ({
    [random.pick(['lessThan', 'lessThanOrEqual', 'greaterThan', 'greaterThanOrEqual'])]: [
      of('decimal'),
      of('decimal'),
    ],
  }),
];

const MAKERS: Readonly<Record<Extract<Type, string>, readonly Make[]>> = {
  Bool: BOOLEAN_MAKERS,
  Long: [
    (random, of) => both(random.pick(['+', '-', '*']), of('Long'), of('Long')),
    (_random, of) => ({ neg: { arg: of('Long') } }),
    (random, of) => ({
      [random.pick(['toMilliseconds', 'toSeconds', 'toMinutes', 'toHours', 'toDays'])]: [of('duration')],
    }),
  ],
  String: [],
  decimal: [],
  ipaddr: [],
  datetime: [
    (_random, of) => ({ offset: [of('datetime'), of('duration')] }),
    (_random, of) => ({ toDate: [of('datetime')] }),
  ],
  duration: [
    (_random, of) => ({ durationSince: [of('datetime'), of('datetime')] }),
    (_random, of) => ({ toTime: [of('datetime')] }),
  ],
};
