// Services: programs that identify themselves with an API key or a client certificate. A service is
// registered by an administrator, with its first key, or with its first certificate. It exists until it is
// removed. No user has the same name.
import type { Clock, Owner } from '@gatehouse/access';
import { GatehouseError } from '@gatehouse/access';
import type { Actor, DomainEvent, Events } from '../../platform/feed/events.ts';
import type { Connection, Database, Tx } from '../../platform/store/database.ts';
import { principalName } from '../names.ts';
import type { IdentityStore, Service, StoredKey } from '../store/store.ts';
import type { AttributeChange } from '../users/attributes.ts';
import { changedAttributes, plainAttributes } from '../users/attributes.ts';

export interface Services {
  list(): Promise<Service[]>;
  /** The service and its keys that are not revoked. Throws `not_found`. */
  show(name: string): Promise<{ service: Service; keys: StoredKey[] }>;
  /** Throws `conflict` if the name is taken. */
  create(service: { name: string; roles?: string[] | undefined }, actor: Actor): Promise<Service>;
  /** Also applies to existing keys and certificates. Throws `not_found`, `unprocessable`. */
  changeAttributes(name: string, change: AttributeChange, actor: Actor): Promise<Service>;
  /** The keys and certificates of a disabled service are refused. Throws `not_found`. */
  setDisabled(name: string, disabled: boolean, actor: Actor): Promise<Service>;
  /** Its certificates and keys are refused after that. Throws `not_found`. */
  remove(name: string, actor: Actor): Promise<void>;
}

/** Finds services for other modules, and registers new ones. */
export interface Registry {
  /**
   * The service of that name; a new one gets `roles`, or role `user`. Throws `conflict` if the name is a
   * user's, or another name in upper or lower case, or if `roles` differ from the roles of the service.
   */
  service(tx: Tx, wanted: WantedService, actor: Actor): Promise<Service>;
}

export interface WantedService {
  name: string;
  roles?: readonly string[] | undefined;
}

/** The owners of client certificates. */
export interface Owners {
  /**
   * Returns the user of that name, otherwise the service of that name. A new service is registered with
   * `roles`, or with role `user`. Throws `conflict` if the name belongs to another principal in upper or
   * lower case, if the owner is disabled, or if `roles` differ from the roles that the owner has. Throws
   * `unprocessable` if the name is not valid.
   */
  resolve(tx: Tx, name: string, roles?: readonly string[]): Promise<Owner>;
  /** Whether the owner exists and is not disabled, read on `connection`. */
  isActive(connection: Connection, owner: Owner): Promise<boolean>;
}

const DEFAULT_ROLES = ['user'];
const REGISTRAR: Actor = { kind: 'system', name: 'gatehouse' };

export function createServices(deps: {
  database: Database;
  store: IdentityStore;
  events: Events;
  clock: Clock;
}): Services & Owners & Registry {
  const { database, store, events, clock } = deps;

  async function register(tx: Tx, { name, roles }: WantedService, actor: Actor): Promise<Service> {
    const flaw = principalName.safeParse(name).error?.issues[0]?.message;
    if (flaw) throw new GatehouseError('unprocessable', `"${name}" cannot be a service: ${flaw}.`);
    if (!(await store.claimName(tx, name))) {
      throw new GatehouseError(
        'conflict',
        `The name "${name}" belongs to a user, or differs from another name only in upper and lower case: choose another.`,
      );
    }
    const initial = { createdAt: clock.now(), attributes: {}, disabled: false };
    const service = { name, roles: [...(roles ?? DEFAULT_ROLES)], ...initial };
    await store.insertService(tx, service);
    await events.publish(tx, serviceEvent('service_created', actor, name, { roles: service.roles }));
    return service;
  }

  async function service(tx: Tx, wanted: WantedService, actor: Actor): Promise<Service> {
    const found = await store.service(tx, wanted.name);
    if (!found) return register(tx, wanted, actor);
    if (!wanted.roles || sameRoles(found.roles, wanted.roles)) return found;
    throw new GatehouseError(
      'conflict',
      `The service "${found.name}" has the roles ${found.roles.join(', ')}: leave out the roles, or remove the service first.`,
    );
  }

  async function revokeKeys(tx: Tx, name: string, actor: Actor): Promise<void> {
    for (const { id } of await store.keysOf(tx, name)) {
      await store.revokeKey(tx, id, clock.now());
      await events.publish(tx, serviceEvent('key_revoked', actor, name, { id }));
    }
  }

  return {
    service,
    list: () => store.services(database.read),
    async show(name) {
      const found = await store.service(database.read, name);
      if (!found) throw unknownService(name);
      return { service: found, keys: await store.keysOf(database.read, name) };
    },
    create: (wanted, actor) =>
      database.write(async (tx) => {
        if (!(await store.service(tx, wanted.name))) return register(tx, wanted, actor);
        throw new GatehouseError('conflict', `A service "${wanted.name}" already exists.`);
      }),
    changeAttributes: (name, wanted, actor) =>
      database.write(async (tx) => {
        const before = await store.service(tx, name);
        if (!before) throw unknownService(name);
        const attributes = changedAttributes(before.attributes, wanted);
        const changed = (await store.changeService(tx, name, { attributes })) ?? before;
        const data = { set: plainAttributes(wanted.set), remove: wanted.remove };
        await events.publish(tx, serviceEvent('service_attributes_changed', actor, name, data));
        return changed;
      }),
    setDisabled: (name, disabled, actor) =>
      database.write(async (tx) => {
        const changed = await store.changeService(tx, name, { disabled });
        if (!changed) throw unknownService(name);
        const fact = disabled ? 'service_disabled' : 'service_enabled';
        await events.publish(tx, serviceEvent(fact, actor, name));
        return changed;
      }),
    async remove(name, actor) {
      await database.write(async (tx) => {
        if (!(await store.deleteService(tx, name))) throw unknownService(name);
        await revokeKeys(tx, name, actor);
        await store.releaseName(tx, name);
        await events.publish(tx, serviceEvent('service_removed', actor, name));
      });
    },
    async resolve(tx, name, roles) {
      const user = await store.user(tx, name);
      if (user?.disabled) throw new GatehouseError('conflict', `The user "${name}" is disabled.`);
      if (user && roles) {
        throw new GatehouseError(
          'conflict',
          `"${name}" is a user and already has roles: leave out the roles.`,
        );
      }
      if (user) return { kind: 'user', name };
      const { disabled } = await service(tx, { name, roles }, REGISTRAR);
      if (disabled) throw new GatehouseError('conflict', `The service "${name}" is disabled.`);
      return { kind: 'service', name };
    },
    async isActive(connection, { kind, name }) {
      if (kind === 'user') return (await store.user(connection, name))?.disabled === false;
      return (await store.service(connection, name))?.disabled === false;
    },
  };
}

function serviceEvent(fact: string, actor: Actor, name: string, data: DomainEvent['data'] = {}): DomainEvent {
  return { type: `identity.${fact}`, actor, outcome: 'success', subject: name, data };
}

function unknownService(name: string): GatehouseError {
  return new GatehouseError('not_found', `There is no service "${name}": see 'gatehouse service list'.`);
}

function sameRoles(some: readonly string[], others: readonly string[]): boolean {
  const [left, right] = [new Set(some), new Set(others)];
  return left.size === right.size && left.isSubsetOf(right);
}
