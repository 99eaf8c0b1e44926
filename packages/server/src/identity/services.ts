// Services: programs that identify themselves with a client certificate. A service is registered with its
// first certificate and exists until it is removed. No user and no API key has the same name.
import type { Clock, Owner } from '@gatehouse/access';
import { GatehouseError } from '@gatehouse/access';
import type { Connection, Database, Tx } from '../platform/database.ts';
import type { Actor, Events } from '../platform/events.ts';
import { principalName } from './names.ts';
import type { IdentityStore, Service } from './store/store.ts';

export interface Services {
  list(): Promise<Service[]>;
  /** Its certificates are refused from then on. Throws `not_found`. */
  remove(name: string, actor: Actor): Promise<void>;
}

/** The owners of client certificates. */
export interface Owners {
  /**
   * Returns the user of that name, otherwise the service of that name. A new service is registered with
   * `roles`, or with role `user`. Throws `conflict` if the name belongs to an API key, or to another
   * principal in upper or lower case, if the user is disabled, or if `roles` differ from the roles that the
   * owner has. Throws `unprocessable` if the name is not valid.
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
}): Services & Owners {
  const { database, store, events, clock } = deps;

  async function register(tx: Tx, name: string, roles: readonly string[]): Promise<void> {
    const flaw = principalName.safeParse(name).error?.issues[0]?.message;
    if (flaw) throw new GatehouseError('unprocessable', `"${name}" cannot be a service: ${flaw}.`);
    if (!(await store.claimName(tx, name))) {
      throw new GatehouseError(
        'conflict',
        `The name "${name}" is an API key's, or another's in upper or lower case: choose another.`,
      );
    }
    await store.insertService(tx, { name, roles: [...roles], createdAt: clock.now() });
    await events.publish(tx, {
      type: 'identity.service_created',
      actor: REGISTRAR,
      outcome: 'success',
      subject: name,
      data: { roles: [...roles] },
    });
  }

  return {
    list: () => store.services(database.read),
    async remove(name, actor) {
      await database.write(async (tx) => {
        if (!(await store.deleteService(tx, name))) {
          throw new GatehouseError('not_found', `There is no service "${name}".`);
        }
        await store.releaseName(tx, name);
        const event = { actor, outcome: 'success', subject: name, data: {} } as const;
        await events.publish(tx, { type: 'identity.service_removed', ...event });
      });
    },
    async resolve(tx, name, roles) {
      const user = await store.user(tx, name);
      if (user?.disabled) throw new GatehouseError('conflict', `The user "${name}" is disabled.`);
      if (user && roles) {
        throw new GatehouseError('conflict', `"${name}" is a user, who has roles already: leave them out.`);
      }
      if (user) return { kind: 'user', name };
      const service = await store.service(tx, name);
      if (service && roles && !sameRoles(service.roles, roles)) {
        throw new GatehouseError(
          'conflict',
          `The service "${name}" has the roles ${service.roles.join(', ')}: leave roles out, or remove it first.`,
        );
      }
      if (!service) await register(tx, name, roles ?? DEFAULT_ROLES);
      return { kind: 'service', name };
    },
    async isActive(connection, { kind, name }) {
      if (kind === 'user') return (await store.user(connection, name))?.disabled === false;
      return (await store.service(connection, name)) !== undefined;
    },
  };
}

function sameRoles(some: readonly string[], others: readonly string[]): boolean {
  const [left, right] = [new Set(some), new Set(others)];
  return left.size === right.size && left.isSubsetOf(right);
}
