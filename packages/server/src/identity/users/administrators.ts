// The last administrator: an act after which no active user has the role `admin` needs a confirmation. The
// operator of the machine can undo it, because the Unix socket needs no user.
import { GatehouseError } from '@gatehouse/access';
import type { KnownRoles } from '../../platform/known-roles.ts';
import type { Connection, Tx } from '../../platform/store/database.ts';
import type { IdentityStore } from '../store/store.ts';

/** What the caller of an act confirms. */
export interface Confirmation {
  /** Whether the act may leave no administrator. */
  lastAdministrator?: boolean | undefined;
}

export interface Administrators {
  /**
   * Runs an act in its transaction. Throws `confirmation_required`, which undoes the act, if it leaves no
   * administrator, there was one before, and the caller did not confirm that.
   */
  guard<T>(tx: Tx, confirmation: Confirmation, act: () => Promise<T>): Promise<T>;
}

export interface AdministratorsDeps {
  store: Pick<IdentityStore, 'hasActiveUserWith'>;
  roles: Pick<KnownRoles, 'including'>;
}

const ROLE = 'admin';

export function createAdministrators({ store, roles }: AdministratorsDeps): Administrators {
  const exists = (connection: Connection) => store.hasActiveUserWith(connection, roles.including(ROLE));
  return {
    async guard(tx, { lastAdministrator }, act) {
      if (lastAdministrator || !(await exists(tx))) return act();
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
      `the machine of the server, such as 'gatehouse user role NAME ${ROLE}'. If you want this, give --last-administrator ` +
      '(in the admin API: ?lastAdministrator=true).',
  );
}
