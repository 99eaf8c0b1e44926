// Admission: route, credential, principal, policy, in that order, and every denial in the ledger before it is answered.
import assert from 'node:assert/strict';
import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { SignJWT } from 'jose';
import { createAdmission } from '../../src/gateway/admission.ts';
import { assertionKeySet } from '../../src/gateway/assertion.ts';
import type { Exchange } from '../../src/gateway/exchange.ts';
import type { Fact } from '../../src/gateway/facts.ts';
import type { CheckedRequest } from '../../src/gateway/request-check.ts';
import { resolveRoutes } from '../../src/gateway/routes.ts';
import { compileSnapshot } from '../../src/gateway/snapshot.ts';
import { createTokenIssuer, generateSigningKey } from '../../src/identity/access-token.ts';
import { generateApiKey, hashSecret } from '../../src/identity/api-key.ts';
import { GatehouseError } from '../../src/platform/errors.ts';
import { refusal } from '../support/errors.ts';
import { createFakeClock } from '../support/fake-clock.ts';

const ISSUER = 'https://localhost:9443';
const AUDIENCE = 'https://localhost:8443';
const clock = createFakeClock();
const signingKey = generateSigningKey();
const issuer = await createTokenIssuer(signingKey, 900, clock);
const privateKey = createPrivateKey({ key: Buffer.from(signingKey), format: 'der', type: 'pkcs8' });
const robot = generateApiKey();
const assertionKey = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
const assertionPem = String(assertionKey.export({ type: 'pkcs8', format: 'pem' }));
const { kid } = await assertionKeySet(assertionPem);

const routing = resolveRoutes(
  [
    { path: '/public', access: 'public' },
    { path: '/keys', access: 'authenticated', accept: ['apiKey'] },
    { path: '/admin', access: 'authenticated', allow: { roles: ['admin'] } },
    { path: '/notes', access: 'authenticated' },
  ],
  { upstream: 'http://127.0.0.1:3000', upstreams: {}, maxBodyBytes: 1 },
);
const snapshot = compileSnapshot(
  {
    version: 1,
    ...routing,
    identity: {
      users: new Map([['alice', { roles: ['user'], disabled: false, tokenEpoch: 1 }]]),
      keys: new Map([
        [robot.id, { name: 'robot', roles: ['user'], secretHash: hashSecret(robot.secret), expiresAt: null }],
      ]),
      trust: { jwks: issuer.jwks, issuer: ISSUER, audience: AUDIENCE },
    },
    assertion: { privateKey: assertionPem, kid, issuer: ISSUER },
    tls: { privateKey: '', certificateChain: '', ticketKeys: new Uint8Array() },
  },
  clock,
);

interface Ask {
  path: string;
  method?: string;
  authorization?: string;
  apiKey?: string;
}

function admission(record: (fact: Fact) => Promise<void> = async () => {}) {
  const facts: Fact[] = [];
  const admit = createAdmission(
    {
      async record(fact) {
        facts.push(fact);
        await record(fact);
      },
    },
    clock.now,
  );
  return {
    facts,
    async ask({ path, method = 'GET', authorization, apiKey }: Ask) {
      const exchange = { address: '192.0.2.1', requestId: 'r1', decision: 'refused' } as Exchange;
      const request = { path, method, host: 'localhost', authorization, apiKey } as CheckedRequest;
      const error = await admit.admit(exchange, request, snapshot).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      return { exchange, error };
    },
  };
}

async function token(
  claims: Record<string, unknown> = {},
  header: Record<string, unknown> = {},
): Promise<string> {
  const now = clock.now() / 1000;
  const all = {
    iss: ISSUER,
    aud: AUDIENCE,
    sub: 'alice',
    iat: now,
    exp: now + 900,
    jti: 'j1',
    client_id: 'gatehouse',
    amr: ['pwd'],
    token_epoch: 1,
    ...claims,
  };
  const given = Object.entries(all).filter(([, value]) => value !== undefined);
  return new SignJWT(Object.fromEntries(given))
    .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: String(issuer.jwks.keys[0]?.kid), ...header })
    .sign(privateKey);
}

test('admits a user by token and a service by key, and knows them', async () => {
  const { ask, facts } = admission();
  const user = await ask({ path: '/notes', authorization: `Bearer ${await token()}` });
  assert.equal(user.error, undefined);
  assert.equal(user.exchange.decision, 'allowed');
  assert.equal(user.exchange.route?.id, '4:/notes');
  assert.deepEqual([user.exchange.principal?.kind, user.exchange.principal?.name], ['user', 'alice']);
  assert.deepEqual(facts, []);
  const service = await ask({ path: '/keys', apiKey: robot.text });
  assert.deepEqual(
    [service.exchange.principal?.kind, service.exchange.principal?.name],
    ['service', 'robot'],
  );
  assert.deepEqual(facts, [
    { type: 'keyUsed', id: robot.id, name: 'robot', address: '192.0.2.1', requestId: 'r1' },
  ]);
});

test('looks for the route first: where there is none, no credential is looked at', async () => {
  const { ask, facts } = admission();
  const { error } = await ask({ path: '/nowhere', apiKey: 'nonsense' });
  refusal('not_found')(error);
  assert.deepEqual(facts, []);
});

test('records a denial before it tells of it, with who, what and why', async () => {
  const recorded = Promise.withResolvers<void>();
  const { ask, facts } = admission((fact) => (fact.type === 'denied' ? recorded.promise : Promise.resolve()));
  const outcome = ask({ path: '/admin', apiKey: robot.text });
  const first = await Promise.race([outcome, new Promise((resolve) => setImmediate(resolve, 'waiting'))]);
  assert.equal(first, 'waiting');
  recorded.resolve();
  const { error, exchange } = await outcome;
  refusal('forbidden', /may not/)(error);
  assert.equal(exchange.decision, 'denied');
  assert.deepEqual(facts.at(-1), {
    type: 'denied',
    principal: { kind: 'service', name: 'robot' },
    code: 'forbidden',
    reason: 'neither role nor name is allowed by the route',
    method: 'GET',
    path: '/admin',
    route: '3:/admin',
    address: '192.0.2.1',
    requestId: 'r1',
  });
});

test('admits and denies nobody without a record of it', async () => {
  const full = () => Promise.reject(new GatehouseError('unavailable', 'The request cannot be recorded.'));
  for (const asked of [{ path: '/admin' }, { path: '/notes', apiKey: robot.text }]) {
    refusal('unavailable')((await admission(full).ask(asked)).error);
  }
});

test('a credential that the route does not accept is none (RFC 6750 §3.1)', async () => {
  const { error } = await admission().ask({ path: '/keys', authorization: `Bearer ${await token()}` });
  refusal('credential_invalid', /use apiKey/)(error);
});

test('a public route knows who calls when somebody says so, and lets everybody else pass', async () => {
  const { ask, facts } = admission();
  assert.equal((await ask({ path: '/public', apiKey: robot.text })).exchange.principal?.name, 'robot');
  for (const asked of [
    {},
    { authorization: 'Basic eDp5' },
    { authorization: 'Bearer foreign' },
    { apiKey: 'foreign' },
  ]) {
    const { error, exchange } = await ask({ path: '/public', ...asked });
    assert.equal(error, undefined);
    assert.equal(exchange.principal, undefined);
  }
  assert.ok(facts.every(({ type }) => type === 'keyUsed'));
});

test('refuses tokens for others, by others, of other kinds and at other times (RFC 9068 §4, attack 48)', async () => {
  const now = clock.now() / 1000;
  const wrong: Record<string, string> = {
    'other audience': await token({ aud: 'https://localhost:9443' }),
    'audience that only begins like ours': await token({ aud: `${AUDIENCE}0` }),
    'no audience': await token({ aud: undefined }),
    'other issuer': await token({ iss: 'https://localhost:8443' }),
    'no issuer': await token({ iss: undefined }),
    'type JWT': await token({}, { typ: 'JWT' }),
    'no type': await token({}, { typ: undefined }),
    'type of an assertion': await token({}, { typ: 'gatehouse-assertion+jwt' }),
    expired: await token({ exp: now }),
    'no expiry': await token({ exp: undefined }),
    'expiry that is no number': await token({ exp: '9999999999' }),
    'not yet valid': await token({ nbf: now + 1 }),
    'no subject': await token({ sub: undefined }),
    'unknown subject': await token({ sub: 'mallory' }),
    'subject of another realm': await token({ sub: '__proto__' }),
    'other epoch': await token({ token_epoch: 0 }),
    'no epoch': await token({ token_epoch: undefined }),
    'unknown critical header': await token({}, { crit: ['exp'], exp: now + 900 }).catch(() => 'a.b.c'),
  };
  for (const [what, text] of Object.entries(wrong)) {
    const { error, exchange } = await admission().ask({ path: '/notes', authorization: `Bearer ${text}` });
    assert.ok(error instanceof GatehouseError && error.status === 401, what);
    assert.equal(exchange.principal, undefined, what);
  }
});

test('refuses an assertion in the place of a token (RFC 8725 §3.11)', async () => {
  const { exchange } = await admission().ask({ path: '/notes', apiKey: robot.text });
  const { principal, route } = exchange;
  assert.ok(principal && route);
  const assertion = await snapshot.assertions.sign(principal, route);
  const { error } = await admission().ask({ path: '/notes', authorization: `Bearer ${assertion}` });
  refusal('credential_invalid')(error);
});
