// The steps of a sign-in on the pages: a password, then a further factor if the user has one. Each attempt is in
// the ledger before the browser hears of it.
import { GatehouseError } from '@gatehouse/access';
import type { Database } from '../platform/database.ts';
import type { Actor, Events } from '../platform/events.ts';
import type { Call } from '../platform/http/route.ts';
import type { Proof } from './sessions/sessions.ts';
import type { Users } from './users.ts';

export interface SignInSteps {
  /** Throws `credential_invalid`, `too_many_requests`. */
  password(given: { username: string; password: string }, call: Caller): Promise<Proof>;
}

type Caller = Pick<Call, 'address' | 'requestId'>;

export function createSignInSteps(deps: {
  users: Pick<Users, 'checkPassword'>;
  database: Database;
  events: Events;
}): SignInSteps {
  const { users, database, events } = deps;

  function record(
    name: string,
    outcome: 'success' | 'failure',
    { address, requestId }: Caller,
  ): Promise<void> {
    // Without a sign-in there is no user yet; the name is only the caller's claim.
    const actor: Actor =
      outcome === 'success'
        ? { kind: 'user', name, address }
        : { kind: 'anonymous', name: 'anonymous', address };
    const event = { type: 'identity.sign_in', actor, outcome, subject: name, data: { requestId } } as const;
    return database.write((tx) => events.publish(tx, event));
  }

  return {
    async password({ username, password }, call) {
      const user = await users.checkPassword(username, password, call.address);
      await record(username, user ? 'success' : 'failure', call);
      if (!user) throw new GatehouseError('credential_invalid', 'The user name or the password is wrong.');
      return { user: user.name, tokenEpoch: user.tokenEpoch, amr: ['pwd'] };
    },
  };
}
