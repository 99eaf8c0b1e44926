// The last administrator: an act after which no active user has the role `admin`. People make it by mistake,
// so a caller can ask that it is refused. The operator of the machine can undo it, because the Unix socket
// needs no user.
import { GatehouseError } from '@gatehouse/access';
import type { KnownRoles } from '../../platform/known-roles.ts';
import type { Connection, Tx } from '../../platform/store/database.ts';
import type { IdentityStore } from '../store/store.ts';

/** How careful an act has to be. */
export interface Caution {
  /** Refuses an act that leaves no administrator. */
  keepAdministrator?: boolean | undefined;
}

export interface Administrators {
  /**
   * Runs an act in its transaction. With `keepAdministrator`, throws `confirmation_required`, which undoes
   * the act, if there was an administrator before and there is none after it.
   */
  guard<T>(tx: Tx, caution: Caution, act: () => Promise<T>): Promise<T>;
}

export interface AdministratorsDeps {
  store: Pick<IdentityStore, 'hasActiveUserWith'>;
  roles: Pick<KnownRoles, 'including'>;
}

const ROLE = 'admin';

export function createAdministrators({ store, roles }: AdministratorsDeps): Administrators {
  const exists = (connection: Connection) => store.hasActiveUserWith(connection, roles.including(ROLE));
  return {
    async guard(tx, { keepAdministrator }, act) {
      if (!keepAdministrator || !(await exists(tx))) return act();
      const result = await act();
      if (await exists(tx)) return result;
      throw lastOne();
    },
  };
}

function lastOne(): GatehouseError {
  return new GatehouseError(
    'confirmation_required',
    `After this, no active user has the role ${ROLE}, so no one can sign in as an administrator. The way back is a command on ` +
      `the machine of the server, such as 'gatehouse user role NAME ${ROLE}'.`,
  );
}
