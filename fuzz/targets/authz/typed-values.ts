// Random values of the types of a schema: as JSON of entities and contexts, and as literals of policies.
import type { Random } from '../../harness/random.ts';
import type { Members, Type } from './schema.ts';
import type { UidJson } from './values.ts';
import { DOCUMENTS, GROUPS, NUMBERS, TEXTS, USERS } from './values.ts';

type Json = Record<string, unknown>;

const UIDS: Readonly<Record<string, readonly UidJson[]>> = {
  User: USERS,
  Group: GROUPS,
  'App::Document': DOCUMENTS,
};
const EXTENSIONS = {
  decimal: { fn: 'decimal', texts: ['0.0', '-0.0', '1.5', '1.50', '-12.3456', '922337203685477.5807'] },
  ipaddr: {
    fn: 'ip',
    texts: ['127.0.0.1', '10.0.0.0/8', '10.1.2.3', '::1', 'ff02::1', '::/0', '1:2:3:4:5:6:7::'],
  },
  datetime: {
    fn: 'datetime',
    texts: ['1970-01-01', '2024-02-29', '1969-12-31T23:59:59.999Z', '9999-12-31T23:59:59+2359'],
  },
  duration: { fn: 'duration', texts: ['0ms', '1d2h3m4s5ms', '-36h', '106751991167d7h12m55s807ms'] },
} as const;

/** As an entity or a context has it. */
export function anyValueOf(random: Random, type: Type): unknown {
  if (type === 'Bool') return random.below(2) === 0;
  if (type === 'Long') return random.pick(NUMBERS);
  if (type === 'String') return random.pick(TEXTS);
  if (typeof type === 'string') {
    const { fn, texts } = EXTENSIONS[type];
    return { __extn: { fn, arg: random.pick(texts) } };
  }
  if ('entity' in type) return { __entity: random.pick(UIDS[type.entity] ?? []) };
  if ('set' in type) return Array.from({ length: random.below(4) }, () => anyValueOf(random, type.set));
  return membersOf(random, type.record);
}

export function membersOf(random: Random, members: Members): Json {
  return Object.fromEntries(
    Object.entries(members)
      .filter(([, { isOptional = false }]) => !isOptional || random.below(2) === 0)
      .map(([name, { type }]) => [name, anyValueOf(random, type)]),
  );
}

/** As a policy has it: an extension value is the call of its function, and no set is empty. */
export function literalOf(random: Random, type: Type): Json {
  if (type === 'Bool' || type === 'Long' || type === 'String') return { Value: anyValueOf(random, type) };
  if (typeof type === 'string') {
    const { fn, texts } = EXTENSIONS[type];
    return { [fn]: [{ Value: random.pick(texts) }] };
  }
  if ('entity' in type) return { Value: { __entity: random.pick(UIDS[type.entity] ?? []) } };
  if ('set' in type)
    return { Set: Array.from({ length: 1 + random.below(3) }, () => literalOf(random, type.set)) };
  const members = Object.entries(type.record).map(([name, member]) => [name, literalOf(random, member.type)]);
  return { Record: Object.fromEntries(members) };
}
