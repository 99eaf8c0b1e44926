// Second factors over HTTP: people manage their own factors, and administrators the factors of others.
import { requireStrength } from '@gatehouse/access';
import { z } from 'zod';
import { json, noContent } from '../../platform/http/answer.ts';
import type { Call, Route } from '../../platform/http/route.ts';
import { actorOf, route } from '../../platform/http/route.ts';
import { named } from '../names.ts';
import type { Passkeys } from '../passkeys/passkeys.ts';
import { enrolledTotpSchema, recoveryCodesSchema, totpKeySchema } from '../views.ts';
import type { Factors } from './factors.ts';

const nothing = z.strictObject({});
const confirmation = z.strictObject({
  code: z.string().max(64).describe('Six digits that the authenticator app shows'),
});

const RECENT_SECONDS = 15 * 60;

type OwnPasskeys = Pick<Passkeys, 'listOf'>;

export function factorRoutes(factors: Factors, passkeys: OwnPasskeys): Route[] {
  return [...ownFactorRoutes(factors, passkeys), ...administeredFactorRoutes(factors)];
}

function ownFactorRoutes(factors: Factors, passkeys: OwnPasskeys): Route[] {
  return [
    route({
      name: 'beginTotp',
      method: 'POST',
      path: '/auth/totp',
      permission: 'account:EnrolTotp',
      require: { maxAgeSeconds: RECENT_SECONDS },
      summary: 'Get a new TOTP secret for your account',
      description: 'The secret applies after POST /auth/totp/confirm with a code. Requires a recent sign-in.',
      body: nothing,
      answers: { 200: totpKeySchema },
      async handle(call) {
        const user = ownName(call);
        await requirePasskey(call, passkeys);
        return json(await factors.begin(user, actorOf(call)));
      },
    }),
    route({
      name: 'confirmTotp',
      method: 'POST',
      path: '/auth/totp/confirm',
      permission: 'account:EnrolTotp',
      summary: 'Switch TOTP on for your account',
      body: confirmation,
      answers: { 200: recoveryCodesSchema },
      async handle(call) {
        const codes = await factors.confirm(ownName(call), call.body.code, actorOf(call));
        return json({ recovery_codes: codes });
      },
    }),
    route({
      name: 'removeTotp',
      method: 'DELETE',
      path: '/auth/totp',
      permission: 'account:RemoveTotp',
      require: { level: 'mfa', maxAgeSeconds: RECENT_SECONDS },
      summary: 'Switch TOTP off for your account',
      description:
        'Requires a recent sign-in with the second factor. Also removes the recovery codes, and ends your other sign-ins with a code.',
      answers: { 204: null },
      async handle(call) {
        await factors.remove(ownName(call), actorOf(call), call.principal?.sessionId);
        return noContent();
      },
    }),
    route({
      name: 'renewRecoveryCodes',
      method: 'POST',
      path: '/auth/recovery-codes',
      permission: 'account:RenewRecoveryCodes',
      require: { level: 'mfa', maxAgeSeconds: RECENT_SECONDS },
      summary: 'Replace the recovery codes of your account',
      description: 'Requires a recent sign-in with the second factor.',
      body: nothing,
      answers: { 200: recoveryCodesSchema },
      async handle(call) {
        return json({ recovery_codes: await factors.renewRecoveryCodes(ownName(call), actorOf(call)) });
      },
    }),
  ];
}

function administeredFactorRoutes(factors: Factors): Route[] {
  return [
    route({
      name: 'enrolUserTotp',
      method: 'POST',
      path: '/admin/users/:name/totp',
      permission: 'identity:EnrolTotp',
      summary: 'Switch TOTP on for a user',
      description: 'Applies at once. Give the secret and the recovery codes to the user.',
      params: named,
      answers: { 201: enrolledTotpSchema },
      async handle(call) {
        const { name } = call.params;
        const { recoveryCodes, ...key } = await factors.enrol(name, actorOf(call));
        return json({ name, ...key, recovery_codes: recoveryCodes }, 201);
      },
    }),
    route({
      name: 'removeUserTotp',
      method: 'DELETE',
      path: '/admin/users/:name/totp',
      permission: 'identity:RemoveTotp',
      summary: 'Switch TOTP off for a user who has lost the phone',
      description:
        'Also removes the recovery codes, and ends the sign-ins and sessions that began with a code.',
      params: named,
      answers: { 204: null },
      async handle(call) {
        await factors.remove(call.params.name, actorOf(call));
        return noContent();
      },
    }),
    route({
      name: 'renewUserRecoveryCodes',
      method: 'POST',
      path: '/admin/users/:name/recovery-codes',
      permission: 'identity:RenewRecoveryCodes',
      summary: 'Replace the recovery codes of a user',
      params: named,
      answers: { 200: recoveryCodesSchema },
      async handle(call) {
        return json({ recovery_codes: await factors.renewRecoveryCodes(call.params.name, actorOf(call)) });
      },
    }),
  ];
}

/**
 * Throws `insufficient_user_authentication` if the person has a passkey and has signed in without it. A
 * person who knows only the password must not add a second factor (NIST SP 800-63B-4 §4.1.2.1).
 */
async function requirePasskey({ principal }: Pick<Call, 'principal'>, passkeys: OwnPasskeys): Promise<void> {
  if (!principal || (await passkeys.listOf(principal.name)).length === 0) return;
  requireStrength(principal, { level: 'phishing-resistant' }, 0);
}

/** The caller's name. The policy of the admin API admits only people here. */
function ownName({ principal }: Pick<Call, 'principal'>): string {
  if (principal?.kind !== 'user') throw new TypeError('only people have factors');
  return principal.name;
}
