// The calls of the pages' script: new passkeys, and sign-in with a passkey.
import { GatehouseError, localPath } from '@gatehouse/access';
import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '@simplewebauthn/server';
import { z } from 'zod';
import { json } from '../../platform/http/answer.ts';
import { form } from '../../platform/http/body.ts';
import type { Call, Route } from '../../platform/http/route.ts';
import type { Session } from '../sessions/sessions.ts';
import type { AccountDeps } from './account-routes.ts';
import { byId } from './account-routes.ts';
import { ACCOUNT, done, ownerOf, withOwnFactor } from './own-acts.ts';
import { requireOwnFactor } from './own-factor.ts';

const octets = z
  .string()
  .max(65_536)
  .regex(/^[\w-]*$/, 'must be base64url');
const credential = { id: octets.min(1).max(1400), rawId: octets.max(1400), type: z.literal('public-key') };
/** The answer for a new passkey (WebAuthn L3 §5.1, RegistrationResponseJSON). */
const made = z.looseObject({
  ...credential,
  response: z.looseObject({
    clientDataJSON: octets,
    attestationObject: octets,
    transports: z.array(z.string().max(32)).max(10).optional(),
  }),
});
/** The answer for a sign-in (AuthenticationResponseJSON). */
const proof = z.looseObject({
  ...credential,
  response: z.looseObject({
    clientDataJSON: octets,
    authenticatorData: octets,
    signature: octets,
    userHandle: octets.optional(),
  }),
});
const passkeyName = z.string().trim().min(1, 'must have a character').max(64);

export function passkeyRoutes(deps: AccountDeps): Route[] {
  return [...signInWithPasskey(deps), ...ownPasskeys(deps)];
}

function signInWithPasskey({ pageRoute, passkeys, sessions }: AccountDeps): Route[] {
  return [
    pageRoute({
      name: 'beginPasskeySignIn',
      method: 'POST',
      path: '/login/passkey/options',
      summary: 'Get the options for a sign-in with a passkey',
      body: z.strictObject({}),
      handle: async ({ address }) => json(await passkeys.requestOptions(address)),
    }),
    pageRoute({
      name: 'signInWithPasskey',
      method: 'POST',
      path: '/login/passkey',
      summary: 'Sign in with a passkey',
      body: z.strictObject({ next: z.string().optional(), response: proof }),
      async handle(call) {
        const { next, response } = call.body;
        const proved = await passkeys.signIn(response as unknown as AuthenticationResponseJSON, call);
        const { cookie } = await sessions.begin(proved, call);
        return json({ location: localPath(next, ACCOUNT) }, 200, { 'set-cookie': cookie });
      },
    }),
  ];
}

function ownPasskeys(deps: AccountDeps): Route[] {
  const { pageRoute, passkeys } = deps;
  return [
    pageRoute({
      name: 'beginOwnPasskey',
      method: 'POST',
      path: '/account/passkeys/options',
      summary: 'Get the options for a new passkey',
      body: z.strictObject({}),
      handle: async (call) => json(await passkeys.creationOptions((await provedSession(deps, call)).user)),
    }),
    pageRoute({
      name: 'addOwnPasskey',
      method: 'POST',
      path: '/account/passkeys',
      summary: 'Add a passkey',
      body: z.strictObject({ name: passkeyName, response: made }),
      async handle(call) {
        const session = await provedSession(deps, call);
        const { name } = call.body;
        const response = call.body.response as unknown as RegistrationResponseJSON;
        await passkeys.add(session, { name, response }, ownerOf(session.user, call));
        return json({ location: `${ACCOUNT}?done=passkey-added` }, 201);
      },
    }),
    pageRoute({
      name: 'renameOwnPasskey',
      method: 'POST',
      path: '/account/passkeys/rename',
      summary: 'Rename a passkey',
      body: form(byId.extend({ name: passkeyName })),
      handle: (call) =>
        withOwnFactor(deps, call, async ({ user }, owner) => {
          await passkeys.rename({ ...call.body, user }, owner);
          return done('passkey-renamed');
        }),
    }),
    pageRoute({
      name: 'removeOwnPasskey',
      method: 'POST',
      path: '/account/passkeys/remove',
      summary: 'Remove a passkey',
      body: form(byId),
      handle: (call) =>
        withOwnFactor(deps, call, async ({ id, user }, owner) => {
          await passkeys.remove({ ...call.body, user }, owner, id);
          return done('passkey-removed');
        }),
    }),
  ];
}

/** Throws `unauthenticated`, and `forbidden` if the sign-in is not strong or recent enough. */
async function provedSession(deps: AccountDeps, call: Pick<Call, 'header'>): Promise<Session> {
  const session = deps.sessions.of(call);
  if (!session) throw new GatehouseError('unauthenticated', 'Your session has ended: sign in again.');
  await requireOwnFactor(session, deps);
  return session;
}
