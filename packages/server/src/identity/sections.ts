// The sections of identity that the gateway's workers copy: users, API keys and services, each a keyed map.
import type { KeyFacts, ServiceFacts, SessionFacts, UserFacts } from '@gatehouse/access';
import { packHash } from '@gatehouse/access';
import type { Database } from '../platform/database.ts';
import type { CommittedEvent } from '../platform/events.ts';
import type { Section } from '../platform/feed.ts';
import { createTableSection } from '../platform/section.ts';
import type { IdentityStore, Service, StoredKey, User } from './store/store.ts';

export type IdentitySections = {
  /** By name. */
  users: Section<UserFacts>;
  /** By the id of the key. */
  keys: Section<KeyFacts>;
  /** By name. */
  services: Section<ServiceFacts>;
  /** By id: the sessions at the gateway. */
  sessions: Section<SessionFacts>;
};

export function createIdentitySections(
  database: Database,
  store: IdentityStore,
): Omit<IdentitySections, 'sessions'> {
  const rolesOf = createRolesPool();
  const userFacts = ({ roles, disabled, tokenEpoch }: User): UserFacts => ({
    roles: rolesOf(roles),
    disabled,
    tokenEpoch,
  });
  const keyFacts = ({
    name,
    roles,
    scopes,
    addresses,
    secretHash,
    expiresAt,
    createdAt,
  }: StoredKey): KeyFacts => ({
    name,
    roles: rolesOf(roles),
    secretHash: packHash(secretHash),
    expiresAt,
    ...(expiresAt !== null && { createdAt }),
    ...(scopes.length > 0 && { scopes }),
    ...(addresses.length > 0 && { addresses }),
  });
  const serviceFacts = ({ roles }: Service): ServiceFacts => ({ roles: rolesOf(roles) });
  return {
    users: createTableSection<UserFacts>(database, {
      name: 'users',
      touches: subjectOf(/^identity\.(?:user_|password_)/),
      row: async (connection, name) => mapped(await store.user(connection, name), userFacts),
      page: async (connection, after, limit) =>
        (await store.usersAfter(connection, after, limit)).map((user) => [user.name, userFacts(user)]),
    }),
    keys: createTableSection<KeyFacts>(database, {
      name: 'keys',
      touches: ({ type, data }) => (KEY_CHANGE.test(type) ? [String(data.id)] : []),
      row: async (connection, id) => {
        const key = await store.key(connection, id);
        return key?.revokedAt === null ? keyFacts(key) : undefined;
      },
      page: async (connection, after, limit) =>
        (await store.keysAfter(connection, after, limit)).map((key) => [key.id, keyFacts(key)]),
    }),
    services: createTableSection<ServiceFacts>(database, {
      name: 'services',
      touches: subjectOf(/^identity\.service_/),
      row: async (connection, name) => mapped(await store.service(connection, name), serviceFacts),
      page: async (connection, after, limit) =>
        (await store.servicesAfter(connection, after, limit)).map((service) => [
          service.name,
          serviceFacts(service),
        ]),
    }),
  };
}

// The use of a key changes nothing that a worker needs.
const KEY_CHANGE = /^identity\.key_(?!used$)/;

function subjectOf(types: RegExp) {
  return ({ type, subject }: CommittedEvent) => (subject !== null && types.test(type) ? [subject] : []);
}

function mapped<T, V>(row: T | undefined, facts: (row: T) => V): V | undefined {
  return row && facts(row);
}

/** Most principals have the same few roles: equal lists share one array, to save memory. */
function createRolesPool() {
  const known = new Map<string, readonly string[]>();
  return (roles: readonly string[]): readonly string[] => {
    const text = roles.join(' ');
    const pooled = known.get(text) ?? roles;
    known.set(text, pooled);
    return pooled;
  };
}
