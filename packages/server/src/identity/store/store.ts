// Users, API keys, services and their names: the only SQL of this capability. The first parameter is a
// connection, of a transaction or for reading.
import type { Database } from '../../platform/store/database.ts';
import { digestPasswordQueries } from './digest-password-queries.ts';
import { factorQueries } from './factor-queries.ts';
import { failureQueries } from './failure-queries.ts';
import { groupQueries } from './group-queries.ts';
import { keyQueries } from './key-queries.ts';
import { nameQueries } from './name-queries.ts';
import { resetQueries } from './reset-queries.ts';
import type { IdentityTables, Within } from './rows.ts';
import { serviceQueries } from './service-queries.ts';
import { signInQueries } from './sign-in-queries.ts';
import { userQueries } from './user-queries.ts';

export type { TotpFactor } from './factor-queries.ts';
export type { Group, PublicKey, Service, StoredKey, User, UserInGroups } from './rows.ts';
export type { StoredSignIn } from './sign-in-queries.ts';

export type IdentityStore = ReturnType<typeof createIdentityStore>;

export function createIdentityStore(database: Pick<Database, 'read'>) {
  const within: Within = (connection) => connection.withTables<IdentityTables>();
  return {
    ...nameQueries(within),
    ...userQueries(database, within),
    ...keyQueries(database, within),
    ...serviceQueries(within),
    ...digestPasswordQueries(within),
    ...groupQueries(within),
    ...factorQueries(within),
    ...signInQueries(database, within),
    ...failureQueries(within),
    ...resetQueries(within),
  };
}
