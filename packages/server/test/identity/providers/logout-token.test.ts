// Logout tokens (OpenID Connect Back-Channel Logout 1.0 §2.4 and §2.6).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JWTPayload } from 'jose';
import { createLocalJWKSet, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { verifyLogoutToken } from '../../../src/identity/providers/logout-token.ts';

const NOW = Date.UTC(2030, 0, 1);
const SECONDS = NOW / 1000;
const EVENT = 'http://schemas.openid.net/event/backchannel-logout';
const pair = await generateKeyPair('ES256');
const keys = createLocalJWKSet({ keys: [{ ...(await exportJWK(pair.publicKey)), alg: 'ES256' }] });
const checks = { keys, issuer: 'https://sso.example', clientId: 'gatehouse', now: NOW };
const claims = {
  iss: 'https://sso.example',
  aud: 'gatehouse',
  iat: SECONDS,
  exp: SECONDS + 120,
  jti: 'j1',
  sub: 'alice',
  sid: 's1',
  events: { [EVENT]: {} },
};

async function verify(more: JWTPayload = {}, typ: string | undefined = 'logout+jwt') {
  const payload = Object.fromEntries(
    Object.entries({ ...claims, ...more }).filter(([, value]) => value !== undefined),
  );
  const header = { alg: 'ES256', ...(typ !== undefined && { typ }) };
  return verifyLogoutToken(
    await new SignJWT(payload).setProtectedHeader(header).sign(pair.privateKey),
    checks,
  );
}

test('returns the subject or the session that signed out', async () => {
  assert.deepEqual(await verify(), { jti: 'j1', subject: 'alice', sid: 's1' });
  assert.deepEqual(await verify({ sid: undefined }, 'JWT'), { jti: 'j1', subject: 'alice', sid: undefined });
  assert.deepEqual(await verify({ sub: undefined }), { jti: 'j1', subject: undefined, sid: 's1' });
});

const REFUSED: [what: string, more: JWTPayload, typ?: string][] = [
  ['of another issuer', { iss: 'https://evil.example' }],
  ['for another client', { aud: ['another'] }],
  ['that is old', { iat: SECONDS - 700 }],
  ['from the future', { iat: SECONDS + 700 }],
  ['that has expired', { exp: SECONDS - 60 }],
  ['without a time', { iat: undefined } as never],
  ['without an id', { jti: undefined } as never],
  ['with an empty id', { jti: '' }],
  ['with a nonce', { nonce: 'x' }],
  ['without events', { events: undefined }],
  ['with events that are a text', { events: EVENT }],
  ['whose event is a text', { events: { [EVENT]: 'x' } }],
  ['whose event is null', { events: { [EVENT]: null } }],
  ['without a subject or session', { sub: undefined, sid: undefined } as never],
  ['whose session is a number', { sid: 7 }],
  ['whose session is empty', { sid: '' }],
  ['of another type', {}, 'at+jwt'],
];

for (const [what, more, typ] of REFUSED) {
  test(`refuses a token ${what}`, async () => {
    await assert.rejects(verify(more, typ));
  });
}

test('refuses a token without a signature, and one signed with the public key as a secret', async () => {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  await assert.rejects(verifyLogoutToken(`${part({ alg: 'none' })}.${part(claims)}.`, checks));
  const secret = new TextEncoder().encode(JSON.stringify(await exportJWK(pair.publicKey)));
  const confused = await new SignJWT(claims).setProtectedHeader({ alg: 'HS256' }).sign(secret);
  await assert.rejects(verifyLogoutToken(confused, checks));
});
