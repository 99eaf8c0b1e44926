// The sections of identity that the gateway's workers copy: users, API keys, services, sessions and
// sign-ins that have ended, each a keyed map.
import type {
  Clock,
  EndedSignIn,
  KeyFacts,
  PrincipalAttributes,
  ServiceFacts,
  SessionFacts,
  UserFacts,
} from '@gatehouse/access';
import { packHash } from '@gatehouse/access';
import type { CommittedEvent } from '../platform/feed/events.ts';
import type { Section } from '../platform/feed/feed.ts';
import type { TableSection } from '../platform/feed/section.ts';
import { createTableSection } from '../platform/feed/section.ts';
import type { Connection, Database } from '../platform/store/database.ts';
import type { IdentityStore, Service, StoredKey, StoredSignIn, User, UserInGroups } from './store/store.ts';

export type IdentitySections = {
  /** By name. */
  users: Section<UserFacts>;
  /** By the id of the key. */
  keys: Section<KeyFacts>;
  /** By name. */
  services: Section<ServiceFacts>;
  /** By id: the sessions at the gateway. */
  sessions: Section<SessionFacts>;
  /** By the id of the sign-in. */
  endedSignIns: TableSection<EndedSignIn>;
};

export function createIdentitySections(
  database: Database,
  store: IdentityStore,
  clock: Clock,
): Omit<IdentitySections, 'sessions'> {
  const rolesOf = createRolesPool();
  const userFacts = ({
    effectiveRoles,
    groups,
    disabledGroups,
    attributes,
    disabled,
    tokenEpoch,
  }: UserInGroups): UserFacts => ({
    roles: rolesOf(effectiveRoles),
    disabled,
    tokenEpoch,
    ...(groups.length > 0 && { groups: rolesOf(groups) }),
    ...(disabledGroups.length > 0 && { disabledGroups: rolesOf(disabledGroups) }),
    ...optional(attributes),
  });
  const usersFacts = async (connection: Connection, users: readonly User[]) =>
    (await store.inGroups(connection, users)).map(
      (user) => [user.name, userFacts(user)] as [string, UserFacts],
    );
  const endedFacts = ({ endedAt, accessEndsAt }: StoredSignIn): EndedSignIn | undefined =>
    endedAt !== null && accessEndsAt > clock.now() ? { endsAt: accessEndsAt } : undefined;
  const keyFacts = ({
    name,
    roles,
    scopes,
    addresses,
    secretHash,
    publicKey,
    expiresAt,
    createdAt,
  }: StoredKey): KeyFacts => ({
    name,
    roles: rolesOf(roles),
    secretHash: packHash(secretHash),
    expiresAt,
    ...(expiresAt !== null && { createdAt }),
    ...(publicKey && { publicKey }),
    ...(scopes.length > 0 && { scopes }),
    ...(addresses.length > 0 && { addresses }),
  });
  const serviceFacts = ({ roles, attributes, disabled }: Service): ServiceFacts => ({
    roles: rolesOf(roles),
    ...optional(attributes),
    ...(disabled && { disabled }),
  });
  const users: TableSection<UserFacts> = createTableSection<UserFacts>(database, {
    name: 'users',
    touches: (event) => [...touchedUser(event), ...touchedMembers(event, users.entries)],
    row: async (connection, name) => {
      const user = await store.user(connection, name);
      return user && (await usersFacts(connection, [user]))[0]?.[1];
    },
    page: async (connection, after, limit) =>
      usersFacts(connection, await store.usersAfter(connection, after, limit)),
  });
  return {
    users,
    keys: createTableSection<KeyFacts>(database, {
      name: 'keys',
      touches: ({ type, data }) => (KEY_CHANGE.test(type) ? [String(data.id)] : []),
      row: async (connection, id) => {
        const key = await store.key(connection, id);
        return key?.revokedAt === null && !key.disabled ? keyFacts(key) : undefined;
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
    endedSignIns: createTableSection<EndedSignIn>(database, {
      name: 'endedSignIns',
      touches: ({ type, data }) => (type === 'identity.sign_in_ended' ? [String(data.sid)] : []),
      row: async (connection, id) => mapped(await store.signIn(connection, id), endedFacts),
      page: async (connection, after, limit) => {
        const ended = await store.endedSignInsAfter(connection, after, limit);
        return ended.map((signIn) => [signIn.id, { endsAt: signIn.accessEndsAt }]);
      },
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

const USER_CHANGE = /^identity\.(?:user_|password_)/;

/** The user that an event is about. */
function touchedUser({ type, subject, data }: CommittedEvent): string[] {
  if (subject !== null && USER_CHANGE.test(type)) return [subject];
  return type.startsWith('identity.group_member_') ? [String(data.user)] : [];
}

/** The members of a changed or removed group: the store no longer has the members of a removed group. */
function touchedMembers({ type, subject }: CommittedEvent, users: ReadonlyMap<string, UserFacts>): string[] {
  if (subject === null || !/^identity\.group_(?:roles_changed|disabled|enabled|removed)$/.test(type))
    return [];
  const isMember = ({ groups, disabledGroups }: UserFacts) =>
    groups?.includes(subject) === true || disabledGroups?.includes(subject) === true;
  return [...users].flatMap(([name, facts]) => (isMember(facts) ? [name] : []));
}

/** Most principals have no attributes. */
function optional(attributes: PrincipalAttributes): { attributes?: PrincipalAttributes } {
  return Object.keys(attributes).length > 0 ? { attributes } : {};
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
