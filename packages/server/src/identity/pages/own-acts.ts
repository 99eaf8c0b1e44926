// Acts of people on their own account. They need a session and, to change how they sign in, a proof of who
// they are.
import type { Actor } from '../../platform/feed/events.ts';
import type { Answer } from '../../platform/http/answer.ts';
import type { Call } from '../../platform/http/route.ts';
import { seeOther } from '../../platform/pages/page.ts';
import type { Session, Sessions } from '../sessions/sessions.ts';
import type { OwnFactorDeps } from './own-factor.ts';
import { requireOwnFactor } from './own-factor.ts';

/** `owner` is the person of the session, for the ledger. */
export type OwnAct = (session: Session, owner: Actor) => Promise<Answer> | Answer;

export interface OwnActDeps extends OwnFactorDeps {
  sessions: Pick<Sessions, 'of'>;
}

type Caller = Pick<Call, 'header' | 'address'>;

export const ACCOUNT = '/account';

/** Without a session, the browser goes to the sign-in page. */
export async function withSession(
  { sessions }: Pick<OwnActDeps, 'sessions'>,
  call: Caller,
  act: OwnAct,
): Promise<Answer> {
  const session = sessions.of(call);
  if (!session) return seeOther(`/login?${new URLSearchParams({ next: ACCOUNT })}`);
  return act(session, ownerOf(session.user, call));
}

/** For acts that change how a person signs in. Throws `forbidden` if the person has not proved enough. */
export function withOwnFactor(deps: OwnActDeps, call: Caller, act: OwnAct): Promise<Answer> {
  return withSession(deps, call, async (session, owner) => {
    await requireOwnFactor(session, deps);
    return act(session, owner);
  });
}

export function ownerOf(user: string, { address }: Pick<Call, 'address'>): Actor {
  return { kind: 'user', name: user, address };
}

/** Back to the account page, which says what was done. */
export function done(what: string): Answer {
  return seeOther(`${ACCOUNT}?${new URLSearchParams({ done: what })}`);
}
