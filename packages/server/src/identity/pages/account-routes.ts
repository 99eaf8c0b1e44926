// The acts of people on their account page. To change how they sign in, people must have signed in a few
// minutes ago, so that another person at an unlocked browser cannot take over the account.
import type { Clock } from '@gatehouse/access';
import { GatehouseError } from '@gatehouse/access';
import { z } from 'zod';
import type { Actor } from '../../platform/feed/events.ts';
import type { Answer } from '../../platform/http/answer.ts';
import { form } from '../../platform/http/body.ts';
import type { Call, Route } from '../../platform/http/route.ts';
import { seeOther } from '../../platform/pages/page.ts';
import type { Factors } from '../factors/factors.ts';
import type { Passkeys } from '../passkeys/passkeys.ts';
import type { DigestPasswords } from '../passwords/digest-passwords.ts';
import type { Links } from '../providers/links.ts';
import type { OfferedProvider } from '../providers/provider-pages.ts';
import type { Session, Sessions } from '../sessions/sessions.ts';
import type { Authentication } from '../sign-in/authentication.ts';
import type { Guard, Users } from '../users/users.ts';
import { accountPage } from './account-page.ts';
import { ACCOUNT, done, withSession } from './own-acts.ts';
import { isFresh, lacksFactor, requireFactor } from './own-factor.ts';
import type { PageRoute } from './page-route.ts';

export interface AccountDeps {
  pageRoute: PageRoute;
  sessions: Sessions;
  passkeys: Passkeys;
  users: Pick<Users, 'setPassword'>;
  authentication: Pick<Authentication, 'password'>;
  factors: Factors;
  appPasswords: DigestPasswords;
  providers: readonly OfferedProvider[];
  links: Pick<Links, 'listOf'>;
  clock: Clock;
}

/** The message of the page after an act, by the name in its URL. */
const DONE: ReadonlyMap<string, string> = new Map(
  Object.entries({
    password: 'Your password was changed. All other sessions have ended.',
    'passkey-added': 'The passkey was added. You can sign in with it from now on.',
    'passkey-renamed': 'The passkey was renamed.',
    'passkey-removed': 'The passkey was removed. Other sessions that began with it have ended.',
    'totp-removed':
      'The authenticator app was removed, and other sessions that began with it have ended. Your password is enough to sign in now.',
    'provider-linked': 'The account was linked. You can sign in with it from now on.',
    'provider-unlinked': 'The link was removed. You can no longer sign in with that account.',
    'app-password-removed': 'The password for programs was removed. Programs that used it are now refused.',
    'session-ended': 'The session has ended.',
    'sessions-ended': 'All other sessions have ended.',
  }),
);

const newPassword = z.strictObject({
  username: z.string().optional(),
  current: z.string().max(4096),
  password: z.string().max(4096),
});
export const byId = z.strictObject({ id: z.string().max(1500) });

export function accountRoutes(deps: AccountDeps): Route[] {
  const { pageRoute, sessions } = deps;
  return [
    pageRoute({
      name: 'showAccount',
      method: 'GET',
      path: ACCOUNT,
      summary: 'My account',
      query: z.object({ done: z.string().optional() }),
      handle: (call) =>
        withSession(deps, call, (session) => show(deps, session, { done: DONE.get(call.query.done ?? '') })),
    }),
    pageRoute({
      name: 'changeOwnPassword',
      method: 'POST',
      path: '/account/password',
      summary: 'Change your password',
      body: form(newPassword),
      handle: (call) =>
        withSession(deps, call, async (session, owner) => {
          // It need not be recent, because the form asks for the current password.
          await requireFactor(session, deps);
          return changePassword(deps, { session, owner }, call);
        }),
    }),
    pageRoute({
      name: 'endOwnSession',
      method: 'POST',
      path: '/account/sessions/end',
      summary: 'End one of your sessions',
      body: form(byId),
      handle: (call) =>
        withSession(deps, call, async ({ user }, owner) => {
          await sessions.end(call.body.id, owner, user);
          return done('session-ended');
        }),
    }),
    pageRoute({
      name: 'endOwnOtherSessions',
      method: 'POST',
      path: '/account/sessions/end-others',
      summary: 'End all your other sessions',
      handle: (call) =>
        withSession(deps, call, async ({ id, user }, owner) => {
          await sessions.endAllOf(user, owner, id);
          return done('sessions-ended');
        }),
    }),
  ];
}

type Signed = Pick<Call, 'header' | 'address' | 'requestId'>;

async function show(
  { sessions, passkeys, factors, appPasswords, providers, links, clock }: AccountDeps,
  session: Session,
  outcome: { done?: string | undefined; error?: string; status?: number },
): Promise<Answer> {
  return accountPage({
    session,
    sessions: await sessions.listOf(session.user),
    passkeys: await passkeys.listOf(session.user),
    factors: await factors.status(session.user),
    providers,
    links: await links.listOf(session.user),
    appPasswordSince: await appPasswords.since(session.user),
    isFresh: isFresh(session, clock),
    lacksFactor: await lacksFactor(session, { passkeys, factors }),
    ...outcome,
  });
}

async function changePassword(
  deps: AccountDeps,
  { session, owner }: { session: Session; owner: Actor },
  call: Signed & { body: z.output<typeof newPassword> },
): Promise<Answer> {
  const { users, authentication, sessions } = deps;
  const { user, amr, authTime, passkey } = session;
  const { current, password } = call.body;
  const idToken = await sessions.idTokenOf(session.id);
  const through = session.through && { ...session.through, idToken };
  try {
    await authentication.password({ name: user, password: current }, call);
    const guard: Guard = (tx) => sessions.requireOpen(tx, session);
    const tokenEpoch = await users.setPassword(user, password, owner, guard);
    const proof = { user, tokenEpoch, amr, authTime, through, passkey, isOld: true };
    const { cookie } = await sessions.begin(proof, call);
    return seeOther(`${ACCOUNT}?done=password`, { 'set-cookie': cookie });
  } catch (error) {
    if (!(error instanceof GatehouseError) || error.status >= 500) throw error;
    if (error.code === 'unauthenticated') throw error;
    const isWrong = error.code === 'credential_invalid';
    const message = isWrong ? 'The current password is wrong: nothing was changed.' : error.message;
    return show(deps, session, { error: message, status: isWrong ? 422 : error.status });
  }
}
