// The parts of identity, on a store of the test. Passwords are stored without hashing, and checks are
// counted.
import { randomBytes } from 'node:crypto';
import type { TestContext } from 'node:test';
import { createFactors } from '../../src/identity/factors/factors.ts';
import { createGroups } from '../../src/identity/groups/groups.ts';
import type { PasswordHasher } from '../../src/identity/passwords/password-hash.ts';
import { createPasswordRules } from '../../src/identity/passwords/password-rules.ts';
import { createIdentitySections } from '../../src/identity/sections.ts';
import type { PendingSignIn } from '../../src/identity/sign-in/authentication.ts';
import { createAuthentication } from '../../src/identity/sign-in/authentication.ts';
import {
  CODE_RATES,
  createFailureLimits,
  PASSWORD_RATES,
} from '../../src/identity/sign-in/failure-limits.ts';
import { openFailureMemory } from '../../src/identity/sign-in/failure-memory.ts';
import { createIdentityStore } from '../../src/identity/store/store.ts';
import { createAdministrators } from '../../src/identity/users/administrators.ts';
import { endUserData } from '../../src/identity/users/user-data.ts';
import { createUsers } from '../../src/identity/users/users.ts';
import type { Actor } from '../../src/platform/feed/events.ts';
import { createKnownRoles } from '../../src/platform/known-roles.ts';
import { createRepeatedEvents } from '../../src/platform/ledger/repeated-events.ts';
import { createShortLivedStore } from '../../src/platform/short-lived/short-lived-store.ts';
import { createMemoryLog } from './memory-log.ts';
import { createStore } from './store.ts';

export const PASSWORD = 'correct horse';
export const ADMIN: Actor = { kind: 'operator', name: 'local', address: 'socket' };

export async function openIdentity(t: TestContext) {
  const foundation = await createStore(t);
  const { database, clock, events } = foundation;
  const store = createIdentityStore(database);
  const checks = { count: 0 };
  const hasher: PasswordHasher = {
    hash: async (password) => `hash of ${password}`,
    async verify(password, hash, attempt) {
      attempt.begin?.();
      checks.count += 1;
      return hash === `hash of ${password}` ? 'right' : 'wrong';
    },
  };
  const rules = createPasswordRules({ minLength: 8, minLengthAlone: 12, isCommon: async () => false });
  const initialPassword = { announce() {}, forget() {} };
  const deps = { ...foundation, store, randomBytes };
  const roles = createKnownRoles();
  const administrators = createAdministrators({ store, roles });
  const users = createUsers({ ...deps, hasher, rules, initialPassword, administrators });
  const limited = { clock, memory: await openFailureMemory({ ...deps, log: createMemoryLog().log }) };
  const confirmations = createFailureLimits(CODE_RATES, { name: 'confirmations', what: 'codes' }, limited);
  const factors = createFactors({ ...deps, confirmations });
  const refused: string[] = [];
  const repeated = createRepeatedEvents(foundation);
  const authentication = createAuthentication({
    ...deps,
    users,
    factors,
    pending: createShortLivedStore<PendingSignIn>(clock, { perOwner: 8 }),
    limits: {
      passwords: createFailureLimits(PASSWORD_RATES, { name: 'passwords', what: 'passwords' }, limited),
      codes: createFailureLimits(CODE_RATES, { name: 'codes', what: 'codes' }, limited),
    },
    repeated,
    refusals: { count: ({ address }) => void refused.push(address) },
  });
  endUserData({ store, events, factors });
  const sections = createIdentitySections(database, store, clock);
  const createUser = (name: string, roles = ['user']) =>
    users.create({ name, password: PASSWORD, roles }, ADMIN);
  const groups = createGroups({ ...deps, administrators });
  return {
    ...deps,
    roles,
    users,
    groups,
    factors,
    authentication,
    repeated,
    refused,
    sections,
    checks,
    createUser,
  };
}
