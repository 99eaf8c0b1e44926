// Removes what belongs to a user when the user is removed or the password changes. It happens in the same
// transaction, so that the next user with the same name does not get it.
import type { Events } from '../../platform/feed/events.ts';
import type { Factors } from '../factors/factors.ts';
import type { IdentityStore } from '../store/store.ts';

export interface UserDataDeps {
  store: IdentityStore;
  events: Events;
  factors: Pick<Factors, 'removeOf'>;
}

const VOIDS_SIGN_INS = new Set([
  'identity.user_removed',
  'identity.user_disabled',
  'identity.password_changed',
]);

export function endUserData({ store, events, factors }: UserDataDeps): void {
  events.subscribe(async (tx, { type, subject: user }) => {
    if (user === null || !VOIDS_SIGN_INS.has(type)) return;
    // Their access tokens are already void, because the user has a new epoch.
    await store.deleteSignInsOf(tx, user);
    await store.deleteResetsOf(tx, user);
    if (type !== 'identity.user_removed') return;
    await store.forgetAddresses(tx, user);
    await factors.removeOf(tx, user);
  });
}
