// Sign-in for programs: the password, the second factor, refresh tokens, sign-out, and a new password by a
// link.
import { GatehouseError, problemFrom } from '@gatehouse/access';
import { z } from 'zod';
import type { SigningKeys } from '../../keyring/index.ts';
import { json, noContent } from '../../platform/http/answer.ts';
import type { Call, Route } from '../../platform/http/route.ts';
import { actorOf, route } from '../../platform/http/route.ts';
import type { PasswordResets } from '../passwords/password-resets.ts';
import type { FactorRequiredView } from '../views.ts';
import { factorRequiredSchema, signedInSchema, signedInView } from '../views.ts';
import type { Authentication, FactorRequired, SignInClient } from './authentication.ts';
import type { SignIns } from './sign-ins.ts';

const secret = z.string().max(512);
const credentials = z.strictObject({ username: z.string().max(256), password: z.string() });
const secondFactor = z.strictObject({
  mfa_token: secret.describe('From the answer of POST /auth/login'),
  code: z.string().max(64).describe('Six digits of the authenticator app, or a recovery code'),
});
const refresh = z.strictObject({ refresh_token: secret });
const reset = z.strictObject({ token: secret.describe('From the link'), password: z.string() });

interface SignInRouteDeps {
  authentication: Authentication;
  signIns: SignIns;
  resets: PasswordResets;
  signingKeys: Pick<SigningKeys, 'keySet'>;
}

export function signInRoutes({ authentication, signIns, resets, signingKeys }: SignInRouteDeps): Route[] {
  return [
    route({
      name: 'signIn',
      method: 'POST',
      path: '/auth/login',
      permission: 'public',
      summary: 'Sign in with a password, for an access token',
      description:
        'If the answer is 401 with `mfa_required`, the password was right: send the second factor next.',
      body: credentials,
      answers: { 200: signedInSchema, 401: factorRequiredSchema },
      async handle(call) {
        const { username: name, password } = call.body;
        const outcome = await authentication.password({ name, password }, clientOf(call));
        if ('mfaToken' in outcome) return json(demandFor(outcome, call), 401, DEMAND_HEADERS);
        return json(signedInView(await signIns.begin(outcome, clientOf(call))));
      },
    }),
    route({
      name: 'proveSecondFactor',
      method: 'POST',
      path: '/auth/mfa',
      permission: 'public',
      summary: 'Send the second factor, for an access token',
      body: secondFactor,
      answers: { 200: signedInSchema },
      async handle(call) {
        const { mfa_token: mfaToken, code } = call.body;
        const authenticated = await authentication.secondFactor({ mfaToken, code }, clientOf(call));
        if (authenticated.through) throw ofPage();
        return json(signedInView(await signIns.begin(authenticated, clientOf(call))));
      },
    }),
    route({
      name: 'refreshTokens',
      method: 'POST',
      path: '/auth/refresh',
      permission: 'public',
      summary: 'Replace a refresh token, for a new access token',
      description:
        'A refresh token works once. If it comes again, it was probably stolen: the sign-in ends, and all its tokens are void (RFC 9700 §4.14.2).',
      body: refresh,
      answers: { 200: signedInSchema },
      handle: async (call) =>
        json(signedInView(await signIns.refresh(call.body.refresh_token, clientOf(call)))),
    }),
    route({
      name: 'signOut',
      method: 'POST',
      path: '/auth/logout',
      permission: 'account:SignOut',
      summary: 'End the sign-in of the access token',
      description:
        'Every worker refuses the access tokens of the sign-in before the answer. Its refresh token is void.',
      answers: { 204: null },
      async handle(call) {
        const { sessionId } = call.principal ?? {};
        if (sessionId !== undefined) await signIns.end(sessionId, actorOf(call));
        return noContent();
      },
    }),
    route({
      name: 'resetPassword',
      method: 'POST',
      path: '/auth/reset',
      permission: 'public',
      summary: 'Choose a new password, with the link from an administrator',
      description: 'The link works once. All tokens of the user become void.',
      body: reset,
      answers: { 204: null },
      async handle(call) {
        await resets.use(call.body, clientOf(call));
        return noContent();
      },
    }),
    route({
      name: 'readTokenKeys',
      method: 'GET',
      path: '/.well-known/jwks.json',
      permission: 'public',
      summary: 'Read the keys that verify access tokens (RFC 7517)',
      answers: { 200: z.object({ keys: z.array(z.looseObject({})) }) },
      handle: () => json(signingKeys.keySet),
    }),
  ];
}

// RFC 9110 §11.6.1: a 401 has a challenge.
const DEMAND_HEADERS = { 'www-authenticate': 'Bearer realm="gatehouse"' };

function demandFor({ mfaToken, methods }: FactorRequired, { requestId }: Call): FactorRequiredView {
  const detail = 'The password is right. Send a code with the mfa_token to POST /auth/mfa.';
  const { type, title } = problemFrom(new GatehouseError('mfa_required', detail), requestId);
  const code = 'mfa_required';
  return {
    type,
    title,
    status: 401,
    detail,
    code,
    request_id: requestId,
    error: code,
    mfa_token: mfaToken,
    methods,
  };
}

/** Tokens of such a sign-in would stay valid after a sign-out at the provider. */
function ofPage(): GatehouseError {
  return new GatehouseError(
    'credential_invalid',
    'This sign-in began at another provider, so you must finish it on the page: open the sign-in page again.',
  );
}

function clientOf({ address, requestId }: Pick<Call, 'address' | 'requestId'>): SignInClient {
  return { address, requestId };
}
