// The values of Cedar (https://docs.cedarpolicy.com/policies/syntax-datatypes.html). A Long is a number if
// that is exact, and otherwise a bigint: each Long has only one form.
import type { Datetime, Duration } from './extensions/datetime.ts';
import type { Decimal } from './extensions/decimal.ts';
import type { IpAddress } from './extensions/ip-address.ts';
import type { Long } from './long.ts';

/** A value of any type. */
export type Value = boolean | Long | string | EntityUid | SetValue | RecordValue | ExtensionValue;

export type ExtensionValue = Decimal | IpAddress | Datetime | Duration;

/** The name of an entity: `User::"alice"`. */
export interface EntityUid {
  readonly kind: 'entity';
  readonly type: string;
  readonly id: string;
  /** Equal names have equal keys. */
  readonly key: string;
}

/** A set. Members of simple types are found without a search. */
export interface SetValue {
  readonly kind: 'set';
  readonly simple: ReadonlySet<boolean | Long | string>;
  /** By key. */
  readonly entities: ReadonlyMap<string, EntityUid>;
  /** Sets, records and extension values; each once. */
  readonly others: readonly Value[];
}

/** A record, or a context. */
export interface RecordValue {
  readonly kind: 'record';
  readonly fields: Fields;
}

/** Attributes, tags or the members of a record. An object may compute its values when they are read. */
export type Fields = Pick<ReadonlyMap<string, Value>, 'get' | 'size' | 'keys'>;

/**
 * @example
 * entityUid('User', 'alice').key; // 'User::"alice"'
 */
export function entityUid(type: string, id: string): EntityUid {
  return { kind: 'entity', type, id, key: `${type}::"${id}"` };
}

/**
 * @example
 * recordValue(new Map([['method', 'GET']]));
 */
export function recordValue(fields: Fields): RecordValue {
  return { kind: 'record', fields };
}

/**
 * Equal members count once.
 * @example
 * const scopes = setValue(['read', 'write']);
 */
export function setValue(members: Iterable<Value>): SetValue {
  const simple = new Set<boolean | Long | string>();
  const entities = new Map<string, EntityUid>();
  const others: Value[] = [];
  for (const member of members) {
    if (typeof member !== 'object') simple.add(member);
    else if (member.kind === 'entity') entities.set(member.key, member);
    else if (!others.some((other) => isEqual(other, member))) others.push(member);
  }
  return { kind: 'set', simple, entities, others };
}

/**
 * Whether two values are equal. Values of different types are never equal, and a missing value is not equal
 * to any.
 */
export function isEqual(one: Value, other: Value | undefined): boolean {
  if (one === other) return true;
  if (typeof one !== 'object' || typeof other !== 'object') return false;
  switch (one.kind) {
    case 'entity':
      return other.kind === 'entity' && one.id === other.id && one.type === other.type;
    case 'set':
      return other.kind === 'set' && sizeOf(one) === sizeOf(other) && isSubset(one, other);
    case 'record':
      return other.kind === 'record' && areEqualFields(one.fields, other.fields);
    case 'decimal':
      return other.kind === 'decimal' && one.tenThousandths === other.tenThousandths;
    case 'ip':
      return (
        other.kind === 'ip' &&
        one.version === other.version &&
        one.address === other.address &&
        one.prefix === other.prefix
      );
    default:
      return other.kind === one.kind && one.milliseconds === other.milliseconds;
  }
}

export function contains(set: SetValue, member: Value): boolean {
  if (typeof member !== 'object') return set.simple.has(member);
  if (member.kind === 'entity') return set.entities.has(member.key);
  return set.others.some((other) => isEqual(other, member));
}

export function sizeOf({ simple, entities, others }: SetValue): number {
  return simple.size + entities.size + others.length;
}

export function isSubset(part: SetValue, whole: SetValue): boolean {
  return membersOf(part).every((member) => contains(whole, member));
}

export function membersOf({ simple, entities, others }: SetValue): Value[] {
  return [...simple, ...entities.values(), ...others];
}

function areEqualFields(one: Fields, other: Fields): boolean {
  if (one.size !== other.size) return false;
  for (const name of one.keys()) {
    if (!isEqual(one.get(name) as Value, other.get(name))) return false;
  }
  return true;
}
