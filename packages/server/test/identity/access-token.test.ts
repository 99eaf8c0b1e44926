// Access tokens (RFC 9068): their content, and every kind of token that is refused (RFC 8725).
import assert from 'node:assert/strict';
import { createHmac, createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { test } from 'node:test';
import { createTokenVerifier } from '@gatehouse/access';
import type { JWTHeaderParameters, JWTPayload } from 'jose';
import { decodeJwt, decodeProtectedHeader, exportJWK, SignJWT } from 'jose';
import { createTokenIssuer } from '../../src/identity/access-token.ts';
import { generateSigningKey, readSigningKey } from '../../src/keyring/signing-key.ts';
import { refusal } from '../support/errors.ts';
import { createFakeClock } from '../support/fake-clock.ts';

const ISSUER = 'https://localhost:9443';
const AUDIENCE = 'https://localhost:8443';
const clock = createFakeClock();
const NOW = clock.now() / 1000;

const pkcs8 = generateSigningKey();
const current = await readSigningKey(pkcs8);
const jwks = { keys: [current.jwk] };
const signer = createTokenIssuer({ current }, 900, clock);
const names = { issuer: ISSUER, audience: [AUDIENCE, ISSUER] };
const subject = { name: 'alice', roles: ['user'], amr: ['pwd'], epoch: 7, authTime: NOW - 5 };
const verifier = createTokenVerifier({ jwks, issuer: ISSUER, audience: AUDIENCE }, clock);
const { token } = await signer.issue(subject, names);

test('a token has the header and the claims of RFC 9068 §2', async () => {
  const issued = await signer.issue(subject, names);
  const header = decodeProtectedHeader(issued.token);
  assert.deepEqual(header, { alg: 'ES256', typ: 'at+jwt', kid: current.kid });
  assert.deepEqual(decodeJwt(issued.token), {
    iss: ISSUER,
    sub: 'alice',
    aud: [AUDIENCE, ISSUER],
    client_id: 'gatehouse',
    iat: NOW,
    exp: NOW + 900,
    jti: issued.jti,
    roles: ['user'],
    amr: ['pwd'],
    acr: '1fa',
    auth_time: NOW - 5,
    token_epoch: 7,
  });
  assert.equal(issued.expiresInSeconds, 900);
  assert.notEqual(issued.jti, (await signer.issue(subject, names)).jti);
});

test('accepts its own token, and returns subject, expiry, epoch, amr and scopes', async () => {
  const { origin, ...verified } = verifier.verify(token);
  const unset = { clientEpoch: undefined, grant: undefined, actor: undefined };
  assert.deepEqual(origin, { id: valid.jti, client: 'gatehouse', ...unset });
  assert.deepEqual(verified, {
    subject: 'alice',
    issuedAt: NOW,
    expiresAt: NOW + 900,
    epoch: 7,
    scopes: [],
    amr: ['pwd'],
    authTime: NOW - 5,
    sessionId: undefined,
  });
  const scoped = await forge({ scope: 'notes:read  notes:write' });
  assert.deepEqual(verifier.verify(scoped).scopes, ['notes:read', 'notes:write']);
});

const valid = decodeJwt(token);
const privateKey = createPrivateKey({ key: Buffer.from(pkcs8), format: 'der', type: 'pkcs8' });
const kid = jwks.keys[0]?.kid ?? '';

/** A token that our own key signs, with claims or header changed. */
function forge(claims: JWTPayload, header: Partial<JWTHeaderParameters> = {}): Promise<string> {
  const protectedHeader = { alg: 'ES256', typ: 'at+jwt', kid, ...header };
  return new SignJWT({ ...valid, ...claims }).setProtectedHeader(protectedHeader).sign(privateKey);
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const strangerJwk = await exportJWK(stranger.publicKey);
const ourPublicKey = createPublicKey(privateKey).export({ type: 'spki', format: 'pem' });
const [, payload = '', signature = ''] = token.split('.');

function byUnknownKey(header: Partial<JWTHeaderParameters>): Promise<string> {
  const protectedHeader = { alg: 'ES256', typ: 'at+jwt', kid, ...header };
  return new SignJWT(valid).setProtectedHeader(protectedHeader).sign(stranger.privateKey);
}

/** The last character of 64 octets in base64url has four unused bits (RFC 4648 §3.5). */
const SPELLED_AGAIN = new Map([
  ['A', 'B'],
  ['Q', 'R'],
  ['g', 'h'],
  ['w', 'x'],
]);

function inDer(): string {
  const input = token.slice(0, token.lastIndexOf('.'));
  return sign('sha256', Buffer.from(input), privateKey).toString('base64url');
}

function macWithPublicKey(): string {
  const input = `${encode({ alg: 'HS256', typ: 'at+jwt', kid })}.${payload}`;
  return `${input}.${createHmac('sha256', ourPublicKey).update(input).digest('base64url')}`;
}

const refused: Record<string, string | Promise<string>> = {
  'alg none without a signature (RFC 8725 §3.1)': `${encode({ alg: 'none', typ: 'at+jwt' })}.${payload}.`,
  'alg none with our signature': `${encode({ alg: 'none', typ: 'at+jwt', kid })}.${payload}.${signature}`,
  'HS256 with our public key (RFC 8725 §2.1)': macWithPublicKey(),
  'a signature of another key': byUnknownKey({}),
  'another key in jwk (RFC 8725 §3.5)': byUnknownKey({ jwk: strangerJwk }),
  'another key at jku': byUnknownKey({ jku: 'http://127.0.0.1:9/keys' }),
  'another key in x5c': byUnknownKey({ x5c: ['AAAA'] }),
  'another key at x5u': byUnknownKey({ x5u: 'http://127.0.0.1:9/cert' }),
  'an unknown kid': byUnknownKey({ kid: 'other' }),
  'a kid that is a path': byUnknownKey({ kid: '../../dev/null' }),
  'a critical extension that we do not know (RFC 7515 §4.1.11)': `${encode({ alg: 'ES256', typ: 'at+jwt', kid, crit: ['exp'], exp: 1 })}.${payload}.${signature}`,
  'another type (RFC 9068 §4)': forge({}, { typ: 'JWT' }),
  'no type': forge({}, { typ: undefined }),
  'an assertion for an upstream': forge({}, { typ: 'gatehouse-assertion+jwt' }),
  'another issuer': forge({ iss: 'https://localhost:9444' }),
  'another audience': forge({ aud: 'https://localhost:8444' }),
  'no audience': forge({ aud: undefined }),
  'no subject': forge({ sub: undefined }),
  'no expiry': forge({ exp: undefined }),
  'no id': forge({ jti: undefined }),
  'no client': forge({ client_id: undefined }),
  'not yet valid (RFC 7519 §4.1.5)': forge({ nbf: NOW + 60 }),
  'another payload with our signature': `${encode({ alg: 'ES256', typ: 'at+jwt', kid })}.${encode({ ...valid, sub: 'admin' })}.${signature}`,
  'a missing signature': `${token.split('.').slice(0, 2).join('.')}.`,
  'a JWE': 'eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..AAAA.AAAA.AAAA',
  'no kid': forge({}, { kid: undefined }),
  'a signature in DER (RFC 7518 §3.4)': `${token.slice(0, token.lastIndexOf('.'))}.${inDer()}`,
  'padding (RFC 7515 §2)': `${token}==`,
  'a second spelling of the signature': `${token.slice(0, -1)}${SPELLED_AGAIN.get(token.at(-1) ?? '')}`,
  'a space within the payload': token.replace('.', '. '),
  'a fourth part': `${token}.AAAA`,
  'a header that is not an object': `${encode([])}.${payload}.${signature}`,
  'a subject that is not a text': forge({ sub: 1 as never }),
  'an expiry that is not a number': forge({ exp: 'never' as never }),
  'a text that is not a token': 'a.b.c',
  'empty text': '',
};

for (const [what, forged] of Object.entries(refused)) {
  test(`refuses ${what}, without fetching anything`, async (t) => {
    const fetched = t.mock.method(globalThis, 'fetch', () => Promise.reject(new Error('fetched')));
    const text = await forged;
    assert.throws(() => verifier.verify(text), refusal('credential_invalid', /^The token is not valid here/));
    assert.equal(fetched.mock.callCount(), 0);
  });
}

test('a token without an epoch cannot match any user', async () => {
  const { epoch } = verifier.verify(await forge({ token_epoch: undefined }));
  assert.ok(Number.isNaN(epoch));
});

test('an expired token is refused as token_expired, from the second of its exp (RFC 7519 §4.1.4)', () => {
  const later = createFakeClock(clock.now());
  const patient = createTokenVerifier({ jwks, issuer: ISSUER, audience: AUDIENCE }, later);
  later.advance(899);
  patient.verify(token);
  later.advance(1);
  assert.throws(() => patient.verify(token), refusal('token_expired', /sign in again/));
});

test('a token that was issued while the clock was ahead is refused, so that it is not valid for too long', async () => {
  verifier.verify(await forge({ iat: NOW + 60, exp: NOW + 960 }));
  const early = await forge({ iat: NOW + 61, exp: NOW + 961 });
  assert.throws(
    () => verifier.verify(early),
    refusal('credential_invalid', /issued while the clock was ahead: sign in again/),
  );
});
