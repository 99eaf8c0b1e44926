// Access tokens at the gateway (RFC 8725, RFC 9068, RFC 7515): every token that is not exactly ours gets 401.
// It causes no fetch, and nothing reaches the upstream.
import assert from 'node:assert/strict';
import type { KeyObject } from 'node:crypto';
import { createHmac, createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { after, describe, it } from 'node:test';
import type { JWK } from 'jose';
import { decodeJwt, decodeProtectedHeader, exportJWK } from 'jose';
import { eventually } from './support/conditions.ts';
import { ask } from './support/https-client.ts';
import { openSecrets } from './support/sealed-secrets.ts';
import { startServer } from './support/server-under-test.ts';
import { startRecordingUpstream } from './support/upstreams.ts';

const upstream = await startRecordingUpstream();
// This server records every attempt to fetch a URL from a token's header.
const elsewhere = await startRecordingUpstream();
const server = await startServer({ upstream: upstream.origin, set: ['identity.tokenLifetime=2s'] });
const user = await server.createUser(['admin']);
const own = ec();
after(() => Promise.all([server.stop(), upstream.close(), elsewhere.close()]));

type Fields = Record<string, unknown>;

function control(path: string, body?: Fields) {
  const headers = body && { 'content-type': 'application/json' };
  const method = body ? 'POST' : 'GET';
  const options = { port: server.controlPort, ca: server.ca, path, method };
  return ask({ ...options, ...(headers && { headers, body: JSON.stringify(body) }) });
}

async function signIn(): Promise<string> {
  const answer = await control('/auth/login', { username: user.name, password: user.password });
  return String(answer.json().access_token);
}

let accepted = 0;

async function present(token: string) {
  const answer = await ask({ ...server, path: '/token', headers: { authorization: `Bearer ${token}` } });
  if (answer.status === 200) accepted += 1;
  return answer;
}

const serverSecret = (await openSecrets(server.data)).get('identity/token-signing-key');
const serverKey = createPrivateKey({
  key: serverSecret ?? assert.fail('no signing key'),
  format: 'der',
  type: 'pkcs8',
});
const genuine = await signIn();
const header = decodeProtectedHeader(genuine);
const claims = { ...decodeJwt(genuine), exp: Math.floor(Date.now() / 1000) + 3600 };
const { keys } = (await control('/.well-known/jwks.json')).json() as { keys: JWK[] };
const jwk = keys[0] ?? assert.fail('no key is published');
const publicKey = createPublicKey({ key: jwk as never, format: 'jwk' });

function ec(): { privateKey: KeyObject; publicKey: KeyObject } {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' });
}

function encode(value: unknown): string {
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
}

/** A JWS with these parts. Either may be JSON text, which is used unchanged. */
function signed(
  protectedHeader: Fields | string,
  payload: Fields | string,
  key: KeyObject = own.privateKey,
): string {
  const input = `${encode(protectedHeader)}.${encode(payload)}`;
  return `${input}.${sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
}

function hmac(alg: string, secret: string | Buffer): string {
  const input = `${encode({ ...header, alg })}.${encode(claims)}`;
  return `${input}.${createHmac(alg.replace('HS', 'sha'), secret).update(input).digest('base64url')}`;
}

const ownJwk = { ...(await exportJWK(own.publicKey)), kid: 'mine', alg: 'ES256', use: 'sig' };
elsewhere.on('/jwks.json', (_request, response) => response.end(JSON.stringify({ keys: [ownJwk] })));
const [genuineHeader = '', genuinePayload = '', genuineSignature = ''] = genuine.split('.');
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });

const PEM = publicKey.export({ type: 'spki', format: 'pem' });
const FORGED: Record<string, Record<string, string>> = {
  'alg none (RFC 8725 §3.1)': {
    none: `${encode({ ...header, alg: 'none' })}.${encode(claims)}.`,
    None: `${encode({ ...header, alg: 'None' })}.${encode(claims)}.`,
    nOnE: `${encode({ ...header, alg: 'nOnE' })}.${encode(claims)}.`,
    'with a signature': `${encode({ ...header, alg: 'none' })}.${encode(claims)}.${genuineSignature}`,
    'no alg': `${encode({ typ: header.typ, kid: header.kid })}.${encode(claims)}.`,
    'empty alg': `${encode({ ...header, alg: '' })}.${encode(claims)}.`,
    'signature removed': `${genuineHeader}.${genuinePayload}.`,
    'two parts': `${genuineHeader}.${genuinePayload}`,
    'four parts': `${genuine}.${genuineSignature}`,
  },
  'our public key as an HMAC secret (RFC 8725 §2.1)': {
    'PEM, HS256': hmac('HS256', PEM),
    'PEM without the last line end': hmac('HS256', String(PEM).trim()),
    'PEM, HS512': hmac('HS512', PEM),
    DER: hmac('HS256', publicKey.export({ type: 'spki', format: 'der' })),
    JWK: hmac('HS256', JSON.stringify(jwk)),
    'x coordinate': hmac('HS256', Buffer.from(String(jwk.x), 'base64url')),
    empty: hmac('HS256', ''),
  },
  'another algorithm (RFC 8725 §3.1)': {
    RS256: (() => {
      const input = `${encode({ ...header, alg: 'RS256' })}.${encode(claims)}`;
      return `${input}.${sign('sha256', Buffer.from(input), rsa.privateKey).toString('base64url')}`;
    })(),
    'ES256 named ES384': signed({ ...header, alg: 'ES384' }, claims),
    EdDSA: signed({ ...header, alg: 'EdDSA' }, claims),
  },
  'invalid signatures (RFC 8725 §3.2)': {
    zeros: `${genuineHeader}.${encode(claims)}.${Buffer.alloc(64).toString('base64url')}`,
    'DER instead of r and s': (() => {
      const input = `${encode(header)}.${encode(claims)}`;
      return `${input}.${sign('sha256', Buffer.from(input), own.privateKey).toString('base64url')}`;
    })(),
    'of another token': `${genuineHeader}.${encode(claims)}.${genuineSignature}`,
    'with a bit flipped': `${genuineHeader}.${genuinePayload}.${flipped(genuineSignature)}`,
    'by an unknown key': signed(header as Fields, claims),
  },
  'keys that the token contains or refers to (RFC 8725 §3.10)': {
    jwk: signed({ ...header, jwk: ownJwk }, claims),
    'jwk without kid': signed({ alg: 'ES256', typ: header.typ, jwk: ownJwk }, claims),
    jku: signed({ ...header, kid: 'mine', jku: `${elsewhere.origin}/jwks.json` }, claims),
    x5u: signed({ ...header, kid: 'mine', x5u: `${elsewhere.origin}/cert.pem` }, claims),
    x5c: signed({ ...header, x5c: ['MIIB'] }, claims),
    'kid unknown': signed({ ...header, kid: 'mine' }, claims),
    'kid as a path': signed({ ...header, kid: '../../../../dev/null' }, claims),
    'kid as SQL': signed({ ...header, kid: "x' UNION SELECT 'k" }, claims),
    'kid as a URL': signed({ ...header, kid: `${elsewhere.origin}/jwks.json` }, claims),
    'kid as a number': signed({ ...header, kid: 1 }, claims),
    'kid __proto__': signed('{"alg":"ES256","typ":"at+jwt","kid":"__proto__"}', claims),
    'issuer elsewhere': signed(header as Fields, { ...claims, iss: elsewhere.origin }),
  },
  'headers that are critical, repeated or expensive (RFC 7515 §4)': {
    'unknown crit': signed({ ...header, crit: ['x-a'], 'x-a': 1 }, claims),
    'empty crit': signed({ ...header, crit: [] }, claims),
    b64: signed({ ...header, crit: ['b64'], b64: false }, claims),
    'alg twice': signed(`{"alg":"none","alg":"ES256","typ":"at+jwt","kid":"${header.kid}"}`, claims),
    PBES2: `${encode({ alg: 'PBES2-HS256+A128KW', enc: 'A128GCM', p2c: 2_000_000_000, p2s: 'AAAA' })}.AAAA.AAAA.AAAA.AAAA`,
    'compressed JWE': `${encode({ alg: 'dir', enc: 'A128GCM', zip: 'DEF' })}..AAAA.AAAA.AAAA`,
    'not JSON': `${encode('{')}.${encode(claims)}.AAAA`,
    'JSON null': `${encode('null')}.${encode(claims)}.AAAA`,
    'not base64url': `!${genuine}`,
    'too long': signed({ ...header, padding: 'x'.repeat(10_000) }, claims),
  },
};

describe('forged tokens get 401, without a fetch and without reaching the upstream', {
  concurrency: true,
}, () => {
  for (const [kind, tokens] of Object.entries(FORGED)) {
    it(`refuses ${kind}`, async () => {
      const outcomes = await Promise.all(
        Object.entries(tokens).map(async ([name, token]) => {
          const { status, headers } = await present(token);
          return { name, status, challenge: headers['www-authenticate'] };
        }),
      );
      for (const { name, status, challenge } of outcomes) {
        assert.equal(status, 401, name);
        assert.match(String(challenge), /error="invalid_token"/, name);
      }
    });
  }
});

describe('our own signature is not enough (RFC 9068 §4, RFC 8725 §3.8)', {
  concurrency: true,
}, () => {
  it('accepts the token that sign-in gives', async () => {
    assert.equal((await present(await signIn())).status, 200);
  });

  it('refuses a token of our own key with another audience, issuer, type or time (RFC 8725 §3.8, §3.9, §3.11)', async () => {
    const now = Math.floor(Date.now() / 1000);
    const own = (changed: Fields, head: Fields = {}) =>
      signed({ ...header, ...head }, { ...claims, iat: now, exp: now + 600, ...changed }, serverKey);
    assert.equal((await present(own({}))).status, 200, 'the same without a change');
    const tokens: Record<string, string> = {
      'another audience': own({ aud: 'https://other.example' }),
      'the issuer as the audience': own({ aud: claims.iss }),
      'no audience': own({ aud: undefined }),
      'another issuer': own({ iss: elsewhere.origin }),
      'no issuer': own({ iss: undefined }),
      'the type of another token': own({}, { typ: 'JWT' }),
      'the type of an assertion': own({}, { typ: 'gatehouse-assertion+jwt' }),
      'no type': own({}, { typ: undefined }),
      expired: own({ exp: now - 1 }),
      'no expiry': own({ exp: undefined }),
      'not yet valid': own({ nbf: now + 60 }),
      'issued in the future': own({ iat: now + 3600, exp: now + 7200 }),
      'no subject': own({ sub: undefined }),
      'another epoch': own({ token_epoch: 1 }),
    };
    for (const [what, token] of Object.entries(tokens)) {
      assert.equal((await present(token)).status, 401, what);
    }
  });

  it('refuses a token once it has expired, on the same connection, although it was accepted before', async () => {
    const token = await signIn();
    assert.equal((await present(token)).status, 200);
    const expired = await eventually('the expiry', async () => {
      const answer = await present(token);
      return answer.status === 401 ? answer : undefined;
    });
    assert.equal(expired.json().code, 'token_expired');
    assert.ok(Date.now() / 1000 >= Number(decodeJwt(token).exp));
  });

  it('refuses the tokens of a removed user', async () => {
    const leaver = await server.createUser(['admin']);
    const answer = await control('/auth/login', { username: leaver.name, password: leaver.password });
    const token = String(answer.json().access_token);
    await server.admin('DELETE', `/admin/users/${leaver.name}`);
    assert.equal((await present(token)).json().code, 'credential_invalid');
  });
});

describe('after all tokens', () => {
  it('nothing was fetched, and no forged token has reached the upstream', () => {
    assert.deepEqual(elsewhere.requests, []);
    for (const { headers } of upstream.requests) {
      assert.equal(headers.authorization, undefined);
      assert.equal(decodeJwt(String(headers['gatehouse-assertion'])).sub, user.name);
    }
    assert.equal(upstream.requests.length, accepted);
  });
});

function flipped(signature: string): string {
  const bytes = Buffer.from(signature, 'base64url');
  bytes[10] = (bytes[10] ?? 0) ^ 1;
  return bytes.toString('base64url');
}
