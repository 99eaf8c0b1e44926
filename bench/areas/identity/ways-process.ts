// The process of one round: `ways-process.ts SECONDS` authenticates requests of known callers by each way in,
// and prints, as one line of JSON, the microseconds of processor time for one request.
import { generateKeyPairSync, hash, randomUUID, sign } from 'node:crypto';
import type {
  AuthenticationMethod,
  BrowserRequest,
  KeyFacts,
  Presented,
  SessionFacts,
  WaysIn,
} from '@gatehouse/access';
import {
  createWaysIn,
  digestSecret,
  FIRST_PARTY_CLIENT,
  GATEWAY_COOKIE,
  generateApiKey,
  generateAppPassword,
  hashSecret,
  packHash,
  sessionIdOf,
  systemClock,
  TOKEN_TYPE,
} from '@gatehouse/access';

export type WayCosts = Record<
  'bearer' | 'apiKey' | 'session' | 'basic' | 'appPassword' | 'mtls' | 'digest' | 'dpop' | 'signature',
  number
>;

const CALLERS = 64;
const WARM_UP_SECONDS = 0.3;
const ISSUER = 'https://localhost:9443';
const HOST = 'localhost:8443';
const AUDIENCE = `https://${HOST}`;
const PASSWORD = generateAppPassword();
const SECRET = digestSecret('SHA-256', 'user-0', PASSWORD);
const issuer = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const prover = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const proverJwk = prover.publicKey.export({ format: 'jwk' });
const { crv, kty, x, y } = proverJwk;
const THUMBPRINT = hash('sha256', JSON.stringify({ crv, kty, x, y }), 'base64url');

const SIGNING_KEY = 'aaaaaaaaaaaaaaaa';
const requester = generateKeyPairSync('ed25519');

const indexes = Array.from({ length: CALLERS }, (_, index) => index);
const keys = indexes.map(() => generateApiKey());
const ways = createWays();
const present = (given: Partial<Presented>): Presented => ({
  authorization: undefined,
  apiKey: undefined,
  dpop: undefined,
  certificate: undefined,
  address: '192.0.2.7',
  request: { method: 'GET', target: '/notes', host: HOST, isOwnHost: false, hasContent: false },
  ...given,
});

const seconds = Number(process.argv[2]);
const costs: WayCosts = {
  bearer: await costOf(
    'bearer',
    repeated(indexes.map((index) => ({ authorization: `Bearer ${tokenOf(index)}` }))),
  ),
  apiKey: await costOf('apiKey', repeated(keys.map(({ text }) => ({ apiKey: text })))),
  session: await costOf('session', repeated(indexes.map((index) => ({ browser: browserOf(index) })))),
  basic: await costOf(
    'basic',
    repeated(keys.map(({ text }, index) => ({ authorization: basicOf(`robot-${index}:${text}`) }))),
  ),
  appPassword: await costOf('basic', repeated([{ authorization: basicOf(`user-0:${PASSWORD}`) }])),
  mtls: await costOf(
    'mtls',
    repeated(indexes.map((index) => ({ certificate: { certificate: certificateOf(index) } }))),
  ),
  digest: await costOf('digest', digests()),
  dpop: await costOf('bearer', proofs()),
  signature: await costOf('signature', signatures()),
};
console.log(JSON.stringify(costs));

function createWays(): WaysIn {
  const secrets = { 'SHA-256': SECRET, 'SHA-512-256': SECRET, MD5: SECRET };
  return createWaysIn({
    principals: {
      sessions: new Map(indexes.map((index) => [sessionIdOf(secretOf(index)), sessionOf(index)])),
      endedSignIns: new Map(),
      clients: new Map(),
      revocations: new Map(),
      users: new Map(
        indexes.map((index) => [`user-${index}`, { roles: ['user'], disabled: false, tokenEpoch: 1 }]),
      ),
      services: new Map(indexes.map((index) => [`robot-${index}`, { roles: ['user'] }])),
      keys: new Map<string, KeyFacts>([
        [SIGNING_KEY, signingFacts()],
        ...keys.map(({ id, secret }, index): [string, KeyFacts] => [
          id,
          {
            name: `robot-${index}`,
            roles: ['user'],
            secretHash: packHash(hashSecret(secret)),
            expiresAt: null,
          },
        ]),
      ]),
      digests: new Map([['user-0', secrets]]),
    },
    trust: {
      issuers: new Map([['aa', { spki: Uint8Array.of(1), isRevoked: false }]]),
      certificates: new Map(indexes.map((index) => [String(index), { isRevoked: false }])),
    },
    tokens: {
      jwks: { keys: [{ ...issuer.publicKey.export({ format: 'jwk' }), kid: 'k', alg: 'ES256', use: 'sig' }] },
      issuer: ISSUER,
      audience: AUDIENCE,
    },
    digest: { run: 0, nonceKey: new Uint8Array(32), md5: false },
    dpop: { nonceKeys: [new Uint8Array(32)], requireNonce: false, notBefore: 0, run: 0 },
    signatures: { maxAgeSeconds: 60, notBefore: 0, nonceKey: new Uint8Array(32), run: 0 },
    claims: { claim: async () => 'first' },
    clock: systemClock,
  });
}

function jws(header: object, payload: object, key = issuer.privateKey): string {
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const input = `${encode(header)}.${encode(payload)}`;
  return `${input}.${sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
}

function tokenOf(index: number, more: object = {}): string {
  const iat = Math.floor(Date.now() / 1000);
  const ids = {
    iss: ISSUER,
    aud: AUDIENCE,
    sub: `user-${index}`,
    client_id: FIRST_PARTY_CLIENT,
    jti: randomUUID(),
  };
  const payload = { ...ids, iat, exp: iat + 3600, amr: ['pwd'], token_epoch: 1, ...more };
  return jws({ alg: 'ES256', typ: TOKEN_TYPE, kid: 'k' }, payload);
}

function basicOf(credentials: string): string {
  return `Basic ${Buffer.from(credentials).toString('base64')}`;
}

/** The value of a caller's cookie. */
function secretOf(index: number): string {
  return hash('sha256', `session ${index}`, 'base64url');
}

function sessionOf(index: number): SessionFacts {
  const [now, signedIn] = [Date.now(), { amr: ['pwd'], tokenEpoch: 1 }];
  return { name: `user-${index}`, host: HOST, ...signedIn, authTime: now, expiresAt: now + 3_600_000 };
}

function browserOf(index: number): BrowserRequest {
  const cookies = `theme=dark; ${GATEWAY_COOKIE}=${secretOf(index)}; lang=en`;
  const page = { site: 'same-origin', origin: undefined, trustedOrigins: [] };
  return { cookies, method: 'GET', isWebSocket: false, host: HOST, ...page };
}

function certificateOf(index: number) {
  const owner = { kind: 'service', name: `robot-${index}` } as const;
  const dates = { notAfter: Date.now() + 3_600_000 };
  return {
    serialNumber: String(index),
    issuerKeyId: 'aa',
    isSignedBy: () => true,
    owner,
    thumbprint: 'x5t',
    ...dates,
  };
}

/** Creates the requests of the next batch, which is not measured. */
type Batches = () => readonly Presented[];

function repeated(given: readonly Partial<Presented>[]): Batches {
  const batch = Array.from({ length: 4096 }, (_, index) => present(given[index % given.length] ?? {}));
  return () => batch;
}

/** Each batch has a separate nonce, and counts its uses. */
function digests(): Batches {
  return () => {
    const nonce = /nonce="([^"]+)"/.exec(ways.challenge('unauthenticated', ['digest']))?.[1] ?? '';
    return Array.from({ length: 1024 }, (_, index) => {
      const nc = (index + 1).toString(16).padStart(8, '0');
      const response = hash('sha256', `${SECRET}:${nonce}:${nc}:c:auth:${hash('sha256', 'GET:/notes')}`);
      const names = `username="user-0", realm="gatehouse", nonce="${nonce}", uri="/notes", cnonce="c"`;
      return present({
        authorization: `Digest ${names}, nc=${nc}, qop=auth, algorithm=SHA-256, response="${response}"`,
      });
    });
  };
}

function proofs(): Batches {
  const token = tokenOf(0, { cnf: { jkt: THUMBPRINT } });
  const ath = hash('sha256', token, 'base64url');
  return () =>
    Array.from({ length: 256 }, () => {
      const iat = Math.floor(Date.now() / 1000);
      const claims = { jti: randomUUID(), htm: 'GET', htu: `${AUDIENCE}/notes`, iat, ath };
      const dpop = jws({ typ: 'dpop+jwt', alg: 'ES256', jwk: proverJwk }, claims, prover.privateKey);
      return present({ authorization: `DPoP ${token}`, dpop });
    });
}

function signingFacts(): KeyFacts {
  const publicKey = requester.publicKey.export({ format: 'jwk' }) as Record<string, string>;
  return { name: 'robot-0', roles: ['user'], secretHash: '', publicKey, expiresAt: null };
}

function signatures(): Batches {
  const digest = `sha-256=:${hash('sha256', '', 'base64')}:`;
  return () =>
    Array.from({ length: 256 }, () => {
      const created = Math.floor(Date.now() / 1000);
      const params = `("@method" "@authority" "@path" "@query" "content-digest");created=${created};nonce="${randomUUID()}";keyid="${SIGNING_KEY}"`;
      const lines = [
        '"@method": GET',
        '"@authority": localhost:8443',
        '"@path": /notes',
        '"@query": ?',
        `"content-digest": ${digest}`,
        `"@signature-params": ${params}`,
      ];
      const signature = sign(null, Buffer.from(lines.join('\n')), requester.privateKey).toString('base64');
      const own = ['Signature-Input', `sig1=${params}`, 'Signature', `sig1=:${signature}:`];
      return present({ fields: ['Content-Digest', digest, ...own] });
    });
}

/** In microseconds. */
async function costOf(way: AuthenticationMethod, batches: Batches): Promise<number> {
  await measure([way], batches, WARM_UP_SECONDS);
  return measure([way], batches, seconds);
}

async function measure(
  accept: readonly AuthenticationMethod[],
  batches: Batches,
  atLeast: number,
): Promise<number> {
  let requests = 0;
  let spent = 0;
  while (spent < atLeast * 1e6) {
    const batch = batches();
    const before = process.cpuUsage();
    for (const presented of batch) {
      const identified = ways.identify(presented, accept);
      if (identified instanceof Promise) await identified;
    }
    const { user, system } = process.cpuUsage(before);
    spent += user + system;
    requests += batch.length;
  }
  return spent / requests;
}
