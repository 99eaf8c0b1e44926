// From a request of the engine to a decision: the target, preflights, the upstream's path, the assertion, and
// revocations meanwhile. The tests of @gatehouse/access are about the decisions themselves.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ErrorCode, Fact, GatewayRoute } from '@gatehouse/access';
import { createAdmission as createDecisions, GatehouseError } from '@gatehouse/access';
import { createAdmission } from '../../src/admission/admission.ts';
import { createRequestClock } from '../../src/admission/request-clock.ts';
import { createRouteUpstreams } from '../../src/admission/route-upstreams.ts';
import type { AdmissionState, Admitted, LocalAnswer } from '../../src/exchange/admission.ts';
import { createSignIn } from '../../src/sign-in/sign-in.ts';
import { createSignInPlace } from '../../src/sign-in/sign-in-place.ts';
import { ROBOT, sectionsWith } from '../support/sections.ts';

const PAGE = 'https://app.example';
const CORS = {
  origins: [PAGE],
  methods: ['GET', 'PUT'],
  headers: [],
  credentials: false,
  maxAgeSeconds: 60,
};

type Routes = readonly (Partial<GatewayRoute> & { path: string })[];

interface Asked {
  method?: string;
  target?: string;
  host?: string;
  fields?: string[];
  apiKey?: string;
}

function setUp(routes: Routes, record: (fact: Fact) => Promise<void> = async () => {}) {
  const sections = sectionsWith(routes);
  const { copies } = sections;
  const clock = createRequestClock();
  const place = createSignInPlace(copies);
  const admission = createAdmission({
    decisions: createDecisions({ record }, clock.now),
    copies,
    clock,
    upstreams: createRouteUpstreams(
      (name) => copies.sections.upstreams.get(name),
      () => 5,
    ),
    signIn: createSignIn({ record }, place),
    place,
    sealed: { answer: () => undefined },
    counts: { outcome() {} },
  });
  return { ...sections, admission };
}

function stateOf({
  method = 'GET',
  target = '/',
  host = 'localhost',
  fields = [],
  apiKey,
}: Asked): AdmissionState {
  return {
    requestId: 'r1',
    address: '192.0.2.1',
    presented: undefined,
    method,
    path: '',
    route: undefined,
    principal: undefined,
    decision: 'refused',
    reason: undefined,
    claimed: undefined,
    request: { method, target, fields, authorization: undefined, apiKey },
    client: { address: '192.0.2.1', tls: undefined, presented: undefined },
    host,
    isChecked: false,
    answerFields: undefined,
  } as unknown as AdmissionState;
}

async function admit(routes: Routes, asked: Asked): Promise<{ state: AdmissionState; answer: Admitted }> {
  const state = stateOf(asked);
  return { state, answer: (await setUp(routes).admission.admit(state)) as Admitted };
}

async function refused(routes: Routes, asked: Asked): Promise<{ state: AdmissionState; code: ErrorCode }> {
  const state = stateOf(asked);
  try {
    await setUp(routes).admission.admit(state);
  } catch (error) {
    if (error instanceof GatehouseError) return { state, code: error.code };
    throw error;
  }
  return assert.fail('it was admitted');
}

test('an admitted request has the canonical path of its route, its query, and no assertion without a caller', async () => {
  const { state, answer } = await admit([{ path: '/notes/*' }], { target: '/notes/%61?q=%61' });
  assert.equal(state.path, '/notes/a');
  assert.equal(state.decision, 'allowed');
  assert.equal(answer.path, '/notes/a?q=%61');
  assert.equal(answer.upstream.origin, 'http://127.0.0.1:3000');
  assert.equal(answer.assertion, undefined);
  assert.equal(answer.clientPath, undefined);
});

test('prefixes are removed and added for the upstream, and restored for the client', async () => {
  const routes = [{ path: '/api/*', stripPrefix: '/api', addPrefix: '/v1' }];
  const { answer } = await admit(routes, { target: '/api/notes?a' });
  assert.equal(answer.path, '/v1/notes?a');
  assert.equal(answer.clientPath?.('/v1/notes'), '/api/notes');
});

test('a caller with a credential gets an assertion', async () => {
  const routes: Routes = [{ path: '/*', access: 'authenticated' }];
  const { state, answer } = await admit(routes, { apiKey: ROBOT.key });
  assert.equal(state.principal?.name, 'robot');
  const [, claims = ''] = (answer.assertion ?? '').split('.');
  assert.equal(JSON.parse(Buffer.from(claims, 'base64url').toString()).sub, 'robot');
});

test('a key that is removed while its use is recorded does not admit the request', async () => {
  const recorded = Promise.withResolvers<void>();
  const { admission, remove } = setUp([{ path: '/*', access: 'authenticated' }], () => recorded.promise);
  const admitting = admission.admit(stateOf({ apiKey: ROBOT.key }));
  assert.ok(admitting instanceof Promise);
  remove('keys', ROBOT.id);
  recorded.resolve();
  await assert.rejects(admitting, { code: 'credential_invalid' });
});

test('if a route is replaced while a key is recorded, the new route decides', async () => {
  const routes: Routes = [{ path: '/*', access: 'authenticated', upstream: 'http://127.0.0.1:1' }];
  const decide = async (change: (sections: ReturnType<typeof setUp>) => void) => {
    const recorded = Promise.withResolvers<void>();
    const all = setUp(routes, () => recorded.promise);
    const state = stateOf({ apiKey: ROBOT.key });
    const admitting = all.admission.admit(state);
    assert.ok(admitting instanceof Promise);
    change(all);
    recorded.resolve();
    return (await admitting) as Admitted;
  };
  const replaced = (more: Partial<GatewayRoute>): GatewayRoute => {
    const { copies } = setUp([{ path: '/*', access: 'authenticated', ...more }]);
    return copies.sections.routes.get('1:/*') as GatewayRoute;
  };
  const other = replaced({ upstream: 'http://127.0.0.1:2' });
  const { upstream } = await decide(({ put }) => put('routes', '1:/*', other));
  assert.equal(upstream.origin, 'http://127.0.0.1:2');
  await assert.rejects(
    decide(({ put }) => put('routes', '1:/*', replaced({ accept: ['mtls'] }))),
    { code: 'credential_invalid' },
  );
  await assert.rejects(
    decide(({ remove }) => remove('routes', '1:/*')),
    { code: 'not_found' },
  );
});

test('an admitted request stays admitted until its key is removed', async () => {
  const { admission, put, remove } = setUp([{ path: '/*', access: 'authenticated' }]);
  const state = stateOf({ apiKey: ROBOT.key });
  await admission.admit(state);
  put('services', 'backup', { roles: ['admin'] });
  assert.equal(admission.holds(state), true);
  remove('keys', ROBOT.id);
  assert.equal(admission.holds(state), false);
});

test('an absolute target must name the host of the request (RFC 9112 §3.2.2)', async () => {
  const routes = [{ path: '/*' }];
  const { answer } = await admit(routes, { target: 'https://LOCALHOST/notes' });
  assert.equal(answer.path, '/notes');
  const { code } = await refused(routes, { target: 'https://other.example/notes' });
  assert.equal(code, 'host_invalid');
});

test('CONNECT, TRACE and TRACK are never offered, even if a route lists them (RFC 9110 §9.3.6, §9.3.8)', async () => {
  for (const method of ['CONNECT', 'TRACE', 'TRACK']) {
    const { code } = await refused([{ path: '/*', methods: [method] }], { method });
    assert.equal(code, 'method_not_allowed', method);
  }
});

test('the gateway itself answers OPTIONS * (RFC 9110 §9.3.7)', async () => {
  const state = stateOf({ method: 'OPTIONS', target: '*' });
  assert.deepEqual(await setUp([{ path: '/*' }]).admission.admit(state), { status: 204, fields: [] });
  assert.deepEqual([state.path, state.decision], ['*', 'allowed']);
});

test('the end of a request is unambiguous only for ordinary methods', async () => {
  const routes: Routes = [{ path: '/*', methods: ['GET', 'PROPFIND'] }];
  assert.equal((await admit(routes, { method: 'GET' })).state.isChecked, true);
  assert.equal((await admit(routes, { method: 'PROPFIND' })).state.isChecked, false);
});

test('a preflight for a route with a rule needs no credential', async () => {
  const routes: Routes = [{ path: '/*', access: 'authenticated', cors: CORS }];
  const fields = ['Origin', PAGE, 'Access-Control-Request-Method', 'PUT'];
  const state = stateOf({ method: 'OPTIONS', fields });
  const answer = (await setUp(routes).admission.admit(state)) as LocalAnswer;
  assert.equal(answer.status, 204);
  assert.deepEqual(answer.fields.slice(0, 2), ['Access-Control-Allow-Origin', PAGE]);
  assert.deepEqual([state.route?.id, state.decision], ['1:/*', 'allowed']);
});

test('OPTIONS without the fields of a preflight, or on a route without a rule, is an ordinary request', async () => {
  const preflight = ['origin', PAGE, 'access-control-request-method', 'GET'];
  for (const [cors, fields] of [
    [CORS, ['origin', PAGE]],
    [CORS, preflight.slice(2)],
    [undefined, preflight],
  ] as const) {
    const routes: Routes = [{ path: '/*', access: 'authenticated', cors }];
    const { code } = await refused(routes, { method: 'OPTIONS', fields: [...fields] });
    assert.equal(code, 'unauthenticated');
  }
});

test('every answer of a route with a rule has the fields of CORS, also refusals', async () => {
  const routes: Routes = [{ path: '/*', access: 'authenticated', cors: CORS }];
  const fields = ['Origin', PAGE];
  const expected = ['Access-Control-Allow-Origin', PAGE, 'Vary', 'Origin'];
  const { state: admitted } = await admit(routes, { fields, apiKey: ROBOT.key });
  assert.deepEqual(admitted.answerFields, expected);
  const { state: denied } = await refused(routes, { fields });
  assert.deepEqual(denied.answerFields, expected);
});

test('a refusal of a route contains its challenge (RFC 9110 §11.6.1)', async () => {
  const { admission } = setUp([{ path: '/*', access: 'authenticated', accept: ['bearer'] }]);
  const state = stateOf({});
  await assert.rejects(async () => admission.admit(state), { code: 'unauthenticated' });
  const [name, challenge = ''] = admission.challenge('unauthenticated', state);
  assert.equal(name, 'WWW-Authenticate');
  assert.match(challenge, /^Bearer/);
});

test('an accepted credential never passes; another one passes unless it looks like ours', async () => {
  const { answer: accepted } = await admit([{ path: '/*' }], { apiKey: ROBOT.key });
  assert.ok(accepted.isOwnCredential('anything'));
  const { answer: anonymous } = await admit([{ path: '/*', access: 'public' }], {});
  assert.ok(!anonymous.isOwnCredential('Basic YTpi'));
  assert.ok(anonymous.isOwnCredential(ROBOT.key));
});

const BROWSER = ['Accept', 'text/html'];
const OWN_HOST = 'localhost:8443';
const FOR_PEOPLE: Routes = [{ path: '/*', access: 'authenticated', accept: ['session', 'apiKey'] }];

test('redirects a person without a session to the sign-in page, which does not count as a denial', async () => {
  const facts: Fact[] = [];
  const { admission } = setUp(FOR_PEOPLE, async (fact) => void facts.push(fact));
  const state = stateOf({ target: '/notes?page=2', host: OWN_HOST, fields: BROWSER });
  const { status, fields } = (await admission.admit(state)) as LocalAnswer;
  assert.equal(status, 303);
  const location = new URL(fields[1] ?? '');
  assert.equal(location.searchParams.get('path'), '/notes?page=2');
  assert.deepEqual(facts, []);
});

test('a program, another host and a route without sessions get 401, which is recorded', async () => {
  const asked: [Routes, Asked][] = [
    [FOR_PEOPLE, { host: OWN_HOST }],
    [FOR_PEOPLE, { host: 'other.example', fields: BROWSER }],
    [FOR_PEOPLE, { host: OWN_HOST, fields: BROWSER, method: 'POST' }],
    [[{ path: '/*', access: 'authenticated', accept: ['apiKey'] }], { host: OWN_HOST, fields: BROWSER }],
  ];
  for (const [routes, each] of asked) {
    assert.equal((await refused(routes, each)).code, 'unauthenticated', JSON.stringify(each));
  }
});
