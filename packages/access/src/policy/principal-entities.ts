// The caller as a Cedar entity, created once for each principal, because the object of a principal never
// changes.
import type { Entity, EntityUid, Fields, SetValue, Value } from '@gatehouse/cedar';
import { entityUid, setValue } from '@gatehouse/cedar';
import type { Attributes } from '../principals/attributes.ts';
import type { Principal } from '../principals/principal.ts';
import { createSharedValues } from './shared-values.ts';

/** A principal, with the members of the context that depend on its credential. */
export interface KnownPrincipal {
  readonly entity: Entity;
  readonly amr: SetValue;
  readonly scopes: SetValue;
  readonly apiKey: EntityUid | undefined;
  readonly client: EntityUid | undefined;
  /** The binding of the presented token. */
  readonly binding: 'dpop' | 'mtls' | undefined;
}

/** For each role, all roles that it includes. */
export type RoleInclusions = ReadonlyMap<string, readonly string[]>;

/**
 * The attributes of every principal. Administrators cannot set attributes with these names.
 * @example
 * const isReserved = BUILT_IN_ATTRIBUTES.includes('name'); // true
 */
export const BUILT_IN_ATTRIBUTES: readonly string[] = ['name'];

/**
 * @example
 * const { entity } = createPrincipalEntities(new Map())(principal);
 */
export function createPrincipalEntities(
  inclusions: RoleInclusions,
): (principal: Principal) => KnownPrincipal {
  const known = new WeakMap<Principal, KnownPrincipal>();
  const shared: Shared = {
    ancestorsOf: createSharedValues((member) => ancestorsOf(member, inclusions)),
    setOf: createSharedValues(setValue),
  };
  return (principal) => {
    let found = known.get(principal);
    if (!found) {
      found = knownPrincipal(principal, shared);
      known.set(principal, found);
    }
    return found;
  };
}

const TYPES = { user: 'User', service: 'Service', operator: 'Operator' } as const;

/** Values that many callers share. */
interface Shared {
  ancestorsOf(member: Member): ReadonlySet<string>;
  setOf(texts: readonly string[]): SetValue;
}

type Member = Pick<Principal, 'roles' | 'groups'>;

function knownPrincipal(principal: Principal, { ancestorsOf, setOf }: Shared): KnownPrincipal {
  const { kind, name, attributes, roles, groups = [], amr, scopes, keyId, tokenOrigin } = principal;
  return {
    entity: {
      uid: entityUid(TYPES[kind], name),
      attributes: attributes ? attributeFields({ ...attributes, name }) : new NameOnly(name),
      tags: NONE,
      ancestors: ancestorsOf({ roles, groups }),
    },
    amr: setOf(amr),
    scopes: setOf(scopes),
    apiKey: keyId === undefined ? undefined : entityUid('ApiKey', keyId),
    client: tokenOrigin && entityUid('OAuthClient', tokenOrigin.client),
    binding: bindingOf(principal),
  };
}

const NONE: Fields = new Map();

/** The attributes of a caller without any. They need much less memory than a map. */
class NameOnly implements Fields {
  readonly size = 1;
  readonly #name: string;

  constructor(name: string) {
    this.#name = name;
  }

  get(name: string): Value | undefined {
    return name === 'name' ? this.#name : undefined;
  }

  keys(): MapIterator<string> {
    return new Set(BUILT_IN_ATTRIBUTES).keys();
  }
}

/** Attributes as values of Cedar. */
export function attributeFields(attributes: Attributes): Fields {
  return new Map(
    Object.entries(attributes).map(([name, value]): [string, Value] => [
      name,
      typeof value === 'object' ? setValue(value) : value,
    ]),
  );
}

function ancestorsOf({ roles, groups = [] }: Member, inclusions: RoleInclusions): ReadonlySet<string> {
  const held = roles.flatMap((role) => [role, ...(inclusions.get(role) ?? [])]);
  return new Set([
    ...held.map((role) => entityUid('Role', role).key),
    ...groups.map((group) => entityUid('Group', group).key),
  ]);
}

/** If the client certificate itself is the credential, it does not bind a token. */
function bindingOf({ via, keyThumbprint, certificateThumbprint }: Principal): KnownPrincipal['binding'] {
  if (keyThumbprint !== undefined) return 'dpop';
  return via === 'bearer' && certificateThumbprint !== undefined ? 'mtls' : undefined;
}
