// Admission finds the route, the credential and the principal, then asks the policy. Every denial is in the
// ledger before its answer.
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import type {
  AdmissionRequest,
  AdmissionState,
  ClientCertificate,
  Fact,
  GatewayRoute,
  GatewaySections,
  PresentedCertificate,
  SectionPolicy,
  Trust,
} from '../../src/index.ts';
import {
  compileSnapshot,
  createAdmission,
  defaultPolicies,
  GatehouseError,
  generateApiKey,
  hashSecret,
  packHash,
  policiesOfRule,
  sessionIdOf,
} from '../../src/index.ts';
import { ANSWERS, createTestClaims, DIGEST, DPOP, SIGNATURES } from '../support/claims.ts';
import { refusal } from '../support/errors.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { routesOf } from '../support/routes.ts';
import { createTestTokenIssuer } from '../support/token-issuer.ts';

const KEY = Uint8Array.of(1);
const ISSUERS = new Map([['aa', { spki: KEY, isRevoked: false }]]);

const ISSUER = 'https://localhost:9443';
const AUDIENCE = 'https://localhost:8443';
const clock = createFakeClock();
const issuer = await createTestTokenIssuer();
const robot = generateApiKey();
const assertionKey = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
const assertionPem = String(assertionKey.export({ type: 'pkcs8', format: 'pem' }));

const SECRET = 's'.repeat(43);

const VAULT = { op: '==', entity: { type: 'Route', id: '/vault' } } as const;
const ANY = { op: 'All' } as const;

/** Permits the role `oncall` at /vault, with an alarm. */
const breakGlass: SectionPolicy = {
  json: {
    effect: 'permit',
    principal: { op: 'in', entity: { type: 'Role', id: 'oncall' } },
    action: ANY,
    resource: VAULT,
    conditions: [],
    annotations: { alarm: 'break glass' },
  },
};

/** Reads an attribute that the caller does not have. */
const failing: SectionPolicy = {
  json: {
    effect: 'permit',
    principal: ANY,
    action: ANY,
    resource: VAULT,
    conditions: [{ kind: 'when', body: { '.': { left: { Var: 'principal' }, attr: 'unknown' } } }],
  },
};

/** The default policies, and a rule that allows only the role `admin` at a path. */
function ruled(path?: string): GatewaySections['policies'] {
  const rule = path === undefined ? [] : policiesOfRule({ policyName: path }, { roles: ['admin'] });
  return new Map([...defaultPolicies(), ...rule]);
}

const routes = routesOf(
  { path: '/public', access: 'public' },
  { path: '/keys', accept: ['apiKey'] },
  { path: '/admin' },
  { path: '/notes' },
  { path: '/certified', accept: ['mtls'] },
  { path: '/strong', require: { level: 'mfa', maxAgeSeconds: 900 } },
  { path: '/vault', query: ['tenant'] },
);
const source: GatewaySections = {
  channels: new Map(),
  sealing: new Map(),
  sessions: new Map([
    [
      sessionIdOf(SECRET),
      {
        name: 'alice',
        host: 'localhost',
        amr: ['pwd'],
        authTime: clock.now(),
        tokenEpoch: 1,
        expiresAt: clock.now() + 3_600_000,
      },
    ],
  ]),
  clients: new Map(),
  revocations: new Map(),
  routes: new Map(routes.map((route) => [route.id, route])),
  policies: ruled('/admin'),
  roles: new Map(),
  users: new Map([['alice', { roles: ['user'], disabled: false, tokenEpoch: 1 }]]),
  keys: new Map([
    [
      robot.id,
      { name: 'robot', roles: ['user'], secretHash: packHash(hashSecret(robot.secret)), expiresAt: null },
    ],
  ]),
  services: new Map([['backup', { roles: ['admin'] }]]),
  digests: new Map(),
  endedSignIns: new Map(),
  issuers: ISSUERS,
  certificates: new Map([
    ['0a', { isRevoked: false }],
    ['0f', { isRevoked: true }],
  ]),
  trust: new Map<string, Trust>([
    ['tokens', { jwks: issuer.jwks, issuer: ISSUER, audience: AUDIENCE }],
    ['assertion', { privateKey: assertionPem, kid: 'assertion-key', issuer: ISSUER }],
    ['digest', DIGEST],
    ['dpop', DPOP],
    ['signatures', SIGNATURES],
    ['answers', ANSWERS],
  ]),
  upstreams: new Map(),
  settings: new Map(),
  tls: new Map(),
};
const deps = { clock, claims: createTestClaims() };
const snapshot = compileSnapshot(source, deps);

const certificate: ClientCertificate = {
  serialNumber: '0a',
  issuerKeyId: 'aa',
  isSignedBy: (spki) => spki === KEY,
  notAfter: clock.now() + 60_000,
  owner: { kind: 'service', name: 'backup' },
  thumbprint: 'x5t',
};

interface Ask {
  presented?: PresentedCertificate;
  path: string;
  method?: string;
  authorization?: string;
  apiKey?: string;
  /** The origin of the page that sends it with the session’s cookie. */
  fromPage?: string;
  canSignIn?: boolean;
  query?: string;
}

function admission(record: (fact: Fact) => Promise<void> = async () => {}, used = snapshot) {
  const facts: Fact[] = [];
  const failed: string[] = [];
  const admit = createAdmission(
    {
      async record(fact) {
        facts.push(fact);
        await record(fact);
      },
    },
    clock.now,
    (errors) => failed.push(...errors.map(({ policy }) => policy)),
  );
  return {
    facts,
    failed,
    holds: admit.holds,
    admit: admit.admit,
    async ask({
      path,
      method = 'GET',
      authorization,
      apiKey,
      presented,
      fromPage,
      canSignIn,
      query = '',
    }: Ask) {
      const exchange = {
        method,
        host: 'localhost',
        address: '192.0.2.1',
        requestId: 'r1',
        decision: 'refused',
        presented,
        fields: [] as readonly string[],
        query,
      } as AdmissionState;
      const browser = fromPage === undefined ? undefined : browserOf(method, fromPage);
      const credentials = { authorization, apiKey, browser, dpop: undefined };
      const place = { path, target: path, method, host: 'localhost', canSignIn: () => canSignIn === true };
      const request = { ...place, ...credentials } as AdmissionRequest;
      try {
        await admit.admit(exchange, request, used);
        return { exchange, error: undefined };
      } catch (error) {
        return { exchange, error };
      }
    },
  };
}

function browserOf(method: string, origin: string): AdmissionRequest['browser'] {
  const cookies = `__Host-gatehouse=${SECRET}`;
  return { cookies, method, isWebSocket: false, host: 'localhost', site: undefined, origin };
}

function token(claims: Record<string, unknown> = {}, header: Record<string, unknown> = {}): Promise<string> {
  const now = clock.now() / 1000;
  const all = {
    iss: ISSUER,
    aud: AUDIENCE,
    sub: 'alice',
    iat: now,
    exp: now + 900,
    amr: ['pwd'],
    token_epoch: 1,
  };
  return issuer.sign({ ...all, ...claims }, header);
}

test('admits a user by token and a service by key, and identifies both', async () => {
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

test('waits only for a record; otherwise it admits before it returns', async () => {
  const { admit } = admission();
  const state = { method: 'GET', address: '192.0.2.1', requestId: 'r1' } as AdmissionState;
  const nothing = { authorization: undefined, apiKey: undefined, dpop: undefined, hasContent: false };
  const authorization = `Bearer ${await token()}`;
  const at = (path: string) => ({
    path,
    target: path,
    method: 'GET',
    host: 'localhost',
    ...nothing,
  });
  const outcome = (request: Parameters<typeof admit>[1]) => admit({ ...state }, request, snapshot);
  assert.ok(!(outcome(at('/public')) instanceof Promise));
  assert.ok(!(outcome({ ...at('/notes'), authorization }) instanceof Promise));
  const firstUse = outcome({ ...at('/keys'), apiKey: robot.text });
  assert.ok(firstUse instanceof Promise, 'the use of a key is recorded');
  await firstUse;
  assert.ok(!(outcome({ ...at('/keys'), apiKey: robot.text }) instanceof Promise));
});

test('finds the route first, and reads no credential without a route', async () => {
  const { ask, facts } = admission();
  const { error } = await ask({ path: '/nowhere', apiKey: 'nonsense' });
  refusal('not_found')(error);
  assert.deepEqual(facts, []);
});

test('records a denial before the answer, with the caller, the request and the reason', async () => {
  const recorded = Promise.withResolvers<void>();
  const { ask, facts } = admission((fact) => (fact.type === 'denied' ? recorded.promise : Promise.resolve()));
  const outcome = ask({ path: '/admin', apiKey: robot.text });
  const first = await Promise.race([outcome, new Promise((resolve) => setImmediate(resolve, 'waiting'))]);
  assert.equal(first, 'waiting');
  recorded.resolve();
  const { error, exchange } = await outcome;
  refusal('forbidden', /policies of this gateway do not allow .* Ask an administrator .* request id/)(error);
  assert.equal(exchange.decision, 'denied');
  assert.deepEqual(facts.at(-1), {
    type: 'denied',
    principal: { kind: 'service', name: 'robot' },
    code: 'forbidden',
    reason: 'forbidden by route:/admin:only',
    policies: ['route:/admin:only'],
    keyId: robot.id,
    method: 'GET',
    path: '/admin',
    route: '3:/admin',
    address: '192.0.2.1',
    requestId: 'r1',
  });
});

test('records the id of a refused key, so that attempts with a revoked key are visible', async () => {
  const revoked = generateApiKey();
  const { ask, facts } = admission();
  const { exchange } = await ask({ path: '/admin', apiKey: revoked.text });
  const fact = facts.at(-1);
  assert.ok(fact?.type === 'denied');
  assert.deepEqual([fact.code, fact.principal, fact.keyId], ['credential_invalid', undefined, revoked.id]);
  assert.deepEqual(exchange.claimed, { keyId: revoked.id });
});

test('admits and denies no request without a record', async () => {
  const full = () => Promise.reject(new GatehouseError('unavailable', 'The request cannot be recorded.'));
  for (const asked of [{ path: '/admin' }, { path: '/notes', apiKey: robot.text }]) {
    refusal('unavailable')((await admission(full).ask(asked)).error);
  }
});

test('treats a credential that the route does not accept as missing (RFC 6750 §3.1)', async () => {
  const { error } = await admission().ask({ path: '/keys', authorization: `Bearer ${await token()}` });
  refusal('credential_invalid', /use apiKey/)(error);
});

test('a public route identifies callers with a credential, and admits all others', async () => {
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

test('refuses tokens with another audience, issuer, type or time of validity (RFC 9068 §4)', async () => {
  const now = clock.now() / 1000;
  const wrong: Record<string, string> = {
    'other audience': await token({ aud: 'https://localhost:9443' }),
    'audience that only begins with ours': await token({ aud: `${AUDIENCE}0` }),
    'no audience': await token({ aud: undefined }),
    'other issuer': await token({ iss: 'https://localhost:8443' }),
    'no issuer': await token({ iss: undefined }),
    'type JWT': await token({}, { typ: 'JWT' }),
    'no type': await token({}, { typ: undefined }),
    'type of an assertion': await token({}, { typ: 'gatehouse-assertion+jwt' }),
    expired: await token({ exp: now }),
    'no expiry': await token({ exp: undefined }),
    'expiry that is not a number': await token({ exp: '9999999999' }),
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

test('refuses an assertion in place of a token (RFC 8725 §3.11)', async () => {
  const { exchange } = await admission().ask({ path: '/notes', apiKey: robot.text });
  const { principal, route } = exchange;
  assert.ok(principal && route);
  const assertion = await snapshot.assertions.sign(principal, route);
  const { error } = await admission().ask({ path: '/notes', authorization: `Bearer ${assertion}` });
  refusal('credential_invalid')(error);
});

test('a client certificate identifies the caller if no header does', async () => {
  for (const path of ['/certified', '/notes', '/public', '/admin']) {
    const { error, exchange } = await admission().ask({ path, presented: { certificate } });
    assert.equal(error, undefined, path);
    assert.deepEqual(
      [exchange.principal?.name, exchange.principal?.certificateSerial],
      ['backup', '0a'],
      path,
    );
  }
});

test('a token or key decides if the route accepts it; a certificate does not replace an invalid one', async () => {
  const own = { certificate: { ...certificate, owner: { kind: 'service', name: 'robot' } as const } };
  const both = await admission().ask({ path: '/notes', apiKey: robot.text, presented: own });
  assert.deepEqual([both.exchange.principal?.name, both.exchange.principal?.via], ['robot', 'apiKey']);
  assert.equal(both.exchange.principal?.certificateSerial, undefined);
  const bad = await admission().ask({ path: '/notes', authorization: 'Bearer x.y.z', presented: own });
  refusal('credential_invalid')(bad.error);
  assert.equal(bad.exchange.principal, undefined);
});

test('refuses a key and a certificate of different callers if the route accepts both', async () => {
  const { ask, facts } = admission();
  const presented = { certificate };
  const authorization = `Bearer ${await token()}`;
  for (const credential of [{ apiKey: robot.text }, { authorization }]) {
    const { error } = await ask({ path: '/notes', ...credential, presented });
    refusal('credential_invalid', /service backup, name different callers: send one of them/)(error);
  }
  assert.equal(facts.filter(({ type }) => type === 'denied').length, 2);
  const { exchange } = await ask({ path: '/keys', apiKey: robot.text, presented });
  assert.equal(exchange.principal?.name, 'robot', 'the route does not accept the certificate');
});

test('the certificate decides if the route does not accept the header', async () => {
  const presented = { certificate };
  for (const asked of [
    { apiKey: robot.text },
    { authorization: 'Basic eDp5' },
    { authorization: 'Bearer x' },
  ]) {
    const { exchange } = await admission().ask({ path: '/certified', ...asked, presented });
    assert.equal(exchange.principal?.via, 'mtls');
  }
  const { error } = await admission().ask({ path: '/keys', presented });
  refusal('unauthenticated', /^Send an API key\.$/)(error);
});

test('an invalid certificate is refused with its flaw, and recorded without an owner', async () => {
  const { ask, facts } = admission();
  const flaw = 'The client certificate was not issued here.';
  const { error } = await ask({ path: '/certified', presented: { flaw } });
  refusal('client_certificate_invalid', /not issued here/)(error);
  const revoked = { certificate: { ...certificate, serialNumber: '0f' } };
  refusal('client_certificate_invalid', /revoked/)((await ask({ path: '/notes', presented: revoked })).error);
  assert.deepEqual(
    facts.map((fact) => fact.type === 'denied' && [fact.principal, fact.reason]),
    [
      [undefined, `client_certificate_invalid: ${flaw}`],
      [undefined, 'client_certificate_invalid: The client certificate was revoked.'],
    ],
  );
  assert.equal((await ask({ path: '/public', presented: { flaw } })).error, undefined);
  refusal('unauthenticated', /^Send a client certificate\.$/)((await ask({ path: '/certified' })).error);
});

test('a request stays admitted until its credential, its owner or its permission is removed', async () => {
  const { ask, holds } = admission();
  const byCertificate = (await ask({ path: '/admin', presented: { certificate } })).exchange;
  const byKey = (await ask({ path: '/public', apiKey: robot.text })).exchange;
  const anonymous = (await ask({ path: '/public' })).exchange;
  const denied = (await ask({ path: '/admin', apiKey: robot.text })).exchange;
  const after = (changes: Partial<GatewaySections>) => {
    const changed = compileSnapshot({ ...source, ...changes }, deps);
    assert.equal(holds(denied, changed), true, 'its answer is in progress');
    return [byCertificate, byKey, anonymous].map((exchange) => holds(exchange, changed));
  };
  const revoked = new Map([['0a', { isRevoked: true }]]);
  assert.deepEqual(after({}), [true, true, true]);
  assert.deepEqual(after({ certificates: revoked }), [false, true, true]);
  assert.deepEqual(after({ certificates: new Map() }), [false, true, true]);
  assert.deepEqual(after({ issuers: new Map() }), [false, true, true]);
  assert.deepEqual(after({ keys: new Map() }), [true, false, true]);
  assert.deepEqual(after({ services: new Map() }), [false, true, true]);
  assert.deepEqual(after({ services: new Map([['backup', { roles: ['user'] }]]) }), [false, true, true]);
});

test('if its route is replaced, an admitted request continues under the route that now has its path', async () => {
  const { ask, holds } = admission();
  const anonymous = (await ask({ path: '/public' })).exchange;
  const byKey = (await ask({ path: '/notes', apiKey: robot.text })).exchange;
  const after = (next: GatewayRoute[], policies = ruled()) => {
    const routing = { routes: new Map(next.map((route) => [route.id, route])), policies };
    const changed = compileSnapshot({ ...source, ...routing }, deps);
    return [anonymous, byKey].map((exchange) => holds(exchange, changed));
  };
  const moved = routesOf({ path: '/first' }, { path: '/public', access: 'public' }, { path: '/notes' });
  assert.deepEqual(after(moved), [true, true], 'only their numbers differ');
  assert.deepEqual(after(moved, ruled('/notes')), [true, false]);
  assert.deepEqual(after(routesOf({ path: '/*' })), [false, true], 'no longer public');
  assert.deepEqual(after(routesOf({ path: '/*', accept: ['mtls'] })), [false, false]);
  assert.deepEqual(after(routesOf({ path: '/other' })), [false, false], 'no route');
  assert.deepEqual(after(routesOf({ path: '/*', access: 'public' })), [true, true]);
});

test('a route that requires a stronger sign-in denies weaker ones before the policy, and records it', async () => {
  const { ask, facts } = admission();
  const now = clock.now() / 1000;
  const withToken = async (claims: Record<string, unknown>) =>
    ask({ path: '/strong', authorization: `Bearer ${await token(claims)}` });
  const weak = await withToken({ auth_time: now });
  refusal('insufficient_user_authentication', /second factor/)(weak.error);
  assert.equal(weak.exchange.decision, 'denied');
  assert.deepEqual(
    facts.map((fact) => fact.type === 'denied' && [fact.code, fact.principal?.name, fact.route]),
    [['insufficient_user_authentication', 'alice', '6:/strong']],
  );
  const old = await withToken({ amr: ['pwd', 'otp', 'mfa'], auth_time: now - 901 });
  refusal('insufficient_user_authentication', /at most 900 s old/)(old.error);
  const strong = await withToken({ amr: ['pwd', 'otp', 'mfa'], auth_time: now - 900 });
  assert.equal(strong.error, undefined);
  const service = await ask({ path: '/strong', apiKey: robot.text });
  refusal('insufficient_user_authentication')(service.error);
});

test('a request in progress ends if its route now requires a stronger sign-in, but not if its own becomes too old', async () => {
  const { admit, holds } = admission();
  const now = clock.now() / 1000;
  const requiring = (level: 'mfa' | 'phishing-resistant') => {
    const [changed] = routesOf({ path: '/strong', require: { level, maxAgeSeconds: 1 } });
    assert.ok(changed);
    return compileSnapshot({ ...source, routes: new Map([[changed.id, changed]]) }, deps);
  };
  const claims = { amr: ['pwd', 'otp', 'mfa'], auth_time: now - 60 };
  const authorization = `Bearer ${await token(claims)}`;
  const path = '/strong';
  const credentials = { authorization, apiKey: undefined, dpop: undefined, hasContent: false };
  const request = { path, target: path, method: 'GET', host: 'localhost', ...credentials };
  const state = { method: 'GET', host: 'localhost', address: '192.0.2.1', requestId: 'r1' } as AdmissionState;
  await admit(state, request, snapshot);
  assert.equal(holds(state, requiring('mfa')), true);
  assert.equal(holds(state, requiring('phishing-resistant')), false);
});

const OWN_PAGE = 'https://localhost';
const OTHER_PAGE = 'https://evil.example';

test('a session admits its user, and its use is reported once a minute without a wait', async () => {
  const { ask, facts } = admission(() => new Promise(() => {}));
  for (const method of ['GET', 'HEAD']) {
    const { exchange, error } = await ask({ path: '/notes', method, fromPage: OWN_PAGE });
    assert.deepEqual([exchange.decision, exchange.principal?.name, error], ['allowed', 'alice', undefined]);
  }
  assert.deepEqual(facts, [{ type: 'sessionUsed', id: sessionIdOf(SECRET) }]);
});

test('a page of another site is denied, and on a public route its visitor is anonymous', async () => {
  const { ask, facts } = admission();
  const denied = await ask({ path: '/notes', method: 'POST', fromPage: OTHER_PAGE });
  refusal('cross_site_request')(denied.error);
  assert.equal(facts[0]?.type === 'denied' && facts[0].code, 'cross_site_request');
  const open = await ask({ path: '/public', method: 'POST', fromPage: OTHER_PAGE });
  assert.deepEqual([open.exchange.decision, open.exchange.principal], ['allowed', undefined]);
});

test('a person who can sign in again is redirected if a route requires more, which does not count as a denial', async () => {
  const { ask, facts } = admission();
  const { error } = await ask({ path: '/strong', fromPage: OWN_PAGE, canSignIn: true });
  refusal('sign_in_required')(error);
  assert.deepEqual((error as GatehouseError).requirement, { level: 'mfa', maxAgeSeconds: 900 });
  assert.ok(facts.every(({ type }) => type !== 'denied'));
  const script = await ask({ path: '/strong', fromPage: OWN_PAGE });
  refusal('insufficient_user_authentication')(script.error);
});

const vaultKey = generateApiKey();
const withVault: GatewaySections = {
  ...source,
  keys: new Map([
    [
      vaultKey.id,
      {
        name: 'watch',
        roles: ['oncall'],
        secretHash: packHash(hashSecret(vaultKey.secret)),
        expiresAt: null,
      },
    ],
  ]),
  policies: new Map([...defaultPolicies(), ['break-glass', breakGlass], ['failing', failing]]),
};
const vault = compileSnapshot(withVault, deps);

test('a request allowed by a policy with an alarm is in the ledger before it is admitted', async () => {
  const recorded = Promise.withResolvers<void>();
  const { ask, facts } = admission(
    (fact) => (fact.type === 'alarm' ? recorded.promise : Promise.resolve()),
    vault,
  );
  const outcome = ask({ path: '/vault', apiKey: vaultKey.text });
  const first = await Promise.race([outcome, new Promise((resolve) => setImmediate(resolve, 'waiting'))]);
  assert.equal(first, 'waiting');
  recorded.resolve();
  const { exchange, error } = await outcome;
  assert.equal(error, undefined);
  assert.equal(exchange.decision, 'allowed');
  assert.deepEqual(exchange.policies, ['break-glass']);
  assert.deepEqual(facts.at(-1), {
    type: 'alarm',
    policies: ['break-glass'],
    principal: { kind: 'service', name: 'watch' },
    method: 'GET',
    path: '/vault',
    route: '7:/vault',
    address: '192.0.2.1',
    requestId: 'r1',
  });
});

test('a request is not admitted if its alarm cannot be recorded', async () => {
  const full = new GatehouseError('unavailable', 'The request cannot be recorded.');
  const { ask } = admission(
    (fact) => (fact.type === 'alarm' ? Promise.reject(full) : Promise.resolve()),
    vault,
  );
  const { exchange, error } = await ask({ path: '/vault', apiKey: vaultKey.text });
  refusal('unavailable')(error);
  assert.notEqual(exchange.decision, 'allowed');
});

test('a request continues under changed policies only if they allow it and raise no new alarm', async () => {
  const { ask, holds } = admission(undefined, vault);
  const { exchange } = await ask({ path: '/vault', apiKey: vaultKey.text });
  const after = (policies: [string, SectionPolicy][]) =>
    holds(exchange, compileSnapshot({ ...withVault, policies: new Map(policies) }, deps));
  assert.equal(after([['break-glass', breakGlass]]), true);
  assert.equal(after([['other-alarm', breakGlass]]), false, 'it is not in the ledger');
  assert.equal(after([]), false);
});

test('a policy that could not be evaluated has no effect and is reported', async () => {
  const { ask, failed } = admission(undefined, vault);
  assert.equal((await ask({ path: '/vault', apiKey: vaultKey.text })).error, undefined);
  assert.deepEqual(failed, ['failing']);
});

test('an ambiguous query is refused for every caller, and does not count as a denial', async () => {
  const { ask, facts } = admission(undefined, vault);
  for (const apiKey of [vaultKey.text, undefined]) {
    const asked = { path: '/vault', query: '?tenant=a&tenant=b', ...(apiKey && { apiKey }) };
    refusal('bad_request', /tenant.*more than once/)((await ask(asked)).error);
  }
  assert.deepEqual(facts, []);
});
