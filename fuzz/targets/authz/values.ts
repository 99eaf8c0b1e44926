// The few names and values from which random policies, entities and requests are made, so that they often
// meet.
import type { Random } from '../../harness/random.ts';

export interface UidJson {
  type: string;
  id: string;
}

export const TYPES = ['User', 'Group', 'App::Document', 'Action'];
export const ATTRIBUTES = ['a', 'b', 'c', 'owner', 'constructor', '__proto__', 'with space'];
export const TAGS = ['red', 'blue', 'constructor'];
export const TEXTS = ['', 'a', 'ab', 'a*b', 'ä😀b', 'red', 'blue', 'aXbXa'];
/** Those that JSON has exactly. Larger ones come from calculations, and from durations. */
export const NUMBERS = [0, 1, -1, 2, 7, 1000, 2 ** 31, -(2 ** 40), 2 ** 53 - 1, -(2 ** 53 - 1)];

const uids = (type: string, ids: readonly string[]): UidJson[] => ids.map((id) => ({ type, id }));

export const USERS = uids('User', ['alice', 'bob', 'eve']);
export const GROUPS = uids('Group', ['staff', 'admins', 'all']);
export const DOCUMENTS = uids('App::Document', ['plan', 'a "b" \\ c', '']);
export const ACTIONS = uids('Action', ['read', 'write', 'any']);
const ALL = [...USERS, ...GROUPS, ...DOCUMENTS, ...ACTIONS];

export function anyUid(random: Random): UidJson {
  return random.pick(ALL);
}

/** A value in the JSON of entities and contexts. */
export function anyValue(random: Random, depth: number): unknown {
  switch (random.below(depth > 0 ? 7 : 5)) {
    case 0:
      return random.below(2) === 0;
    case 1:
      return random.pick(NUMBERS);
    case 2:
      return random.pick(TEXTS);
    case 3:
      return { __entity: anyUid(random) };
    case 4:
      return { __extn: random.pick(EXTENSION_VALUES) };
    case 5:
      return Array.from({ length: random.below(4) }, () => anyValue(random, depth - 1));
    default:
      return anyFields(random, depth - 1);
  }
}

const EXTENSION_VALUES = [
  { fn: 'decimal', arg: '1.5' },
  { fn: 'ip', arg: '10.1.2.3' },
  { fn: 'decimal', args: ['-0.0001'] },
  { fn: 'ip', arg: '10.0.0.0/8' },
  { fn: 'ip', arg: '1:2:3:4:5:6:7::/112' },
  { fn: 'datetime', arg: '2026-11-30T12:00:00Z' },
  { fn: 'duration', arg: '-36h' },
  {
    fn: 'offset',
    args: [
      { __extn: { fn: 'datetime', arg: '1970-01-01' } },
      { __extn: { fn: 'duration', arg: '-9223372036854775807ms' } },
    ],
  },
];

/** The members of a record, or the attributes of an entity. */
export function anyFields(random: Random, depth: number): Record<string, unknown> {
  const names = ATTRIBUTES.filter(() => random.below(5) < 2);
  return Object.fromEntries(names.map((name) => [name, anyValue(random, depth)]));
}

/** The form of a value inside a literal of a policy. */
export function literal(value: unknown): unknown {
  return value;
}
