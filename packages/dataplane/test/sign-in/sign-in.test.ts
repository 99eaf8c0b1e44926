// The redirect to the sign-in page and back.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Fact, SignedIn } from '@gatehouse/access';
import { GatehouseError, sessionIdOf } from '@gatehouse/access';
import type { AdmissionState, LocalAnswer } from '../../src/exchange/admission.ts';
import { createSignIn } from '../../src/sign-in/sign-in.ts';

const HOST = 'gw.example';
const CONTROL = 'https://id.example';
const CODE = 'c'.repeat(43);

function setUp(record: (fact: Fact) => Promise<void> = async () => {}) {
  const facts: Fact[] = [];
  const recorder = {
    record(fact: Fact) {
      facts.push(fact);
      return record(fact);
    },
  };
  const place = () => ({ control: CONTROL, hosts: new Set([HOST]) });
  return { facts, signIn: createSignIn(recorder, place) };
}

interface Asked {
  method?: string;
  host?: string;
  cookies?: string | undefined;
  fields?: string[];
}

function stateOf({ method = 'GET', host = HOST, cookies, fields = [] }: Asked = {}): AdmissionState {
  const request = { method, cookies, fields };
  return {
    host,
    address: '192.0.2.1',
    requestId: 'r1',
    decision: 'refused',
    request,
  } as unknown as AdmissionState;
}

function locationOf({ fields }: LocalAnswer): URL {
  return new URL(fields[fields.indexOf('Location') + 1] ?? '');
}

function cookiesOf({ fields }: LocalAnswer): string[] {
  return fields.filter((_, index) => fields[index - 1] === 'Set-Cookie');
}

/** The cookies that a browser sends back. */
function sentBack(answer: LocalAnswer): string {
  return cookiesOf(answer)
    .map((cookie) => cookie.split(';')[0])
    .join('; ');
}

async function callback(signIn: ReturnType<typeof createSignIn>, cookies: string | undefined, query: string) {
  const answer = await signIn.answer(stateOf({ cookies }), '/.gatehouse/callback', query);
  assert.ok(answer);
  return answer;
}

test('the redirect has the host, the path and the hash of a state that only this browser has', () => {
  const { signIn } = setUp();
  const answer = signIn.begin(stateOf(), '/notes?page=2');
  const { origin, pathname, searchParams } = locationOf(answer);
  assert.deepEqual([answer.status, origin + pathname], [303, `${CONTROL}/login/gateway`]);
  assert.deepEqual([searchParams.get('host'), searchParams.get('path')], [HOST, '/notes?page=2']);
  const [cookie = ''] = cookiesOf(answer);
  assert.match(
    cookie,
    /^__Host-gatehouse-state=[\w-]{43}\.1; Path=\/; Secure; HttpOnly; SameSite=Lax; Max-Age=600$/,
  );
  assert.ok(!cookie.includes(searchParams.get('state') ?? ''), 'the state itself is in the URL');
});

test('the return exchanges the code for a session, whose secret is only in the cookie', async () => {
  const { signIn, facts } = setUp();
  const begun = signIn.begin(stateOf(), '/notes');
  const answer = await callback(signIn, sentBack(begun), `?code=${CODE}&path=/notes`);
  assert.equal(locationOf(answer).href, `https://${HOST}/notes`);
  const [cookie = ''] = cookiesOf(answer);
  assert.match(cookie, /^__Host-gatehouse=[\w-]{43}; Path=\/; Secure; HttpOnly; SameSite=Lax$/);
  const [fact] = facts as SignedIn[];
  const secret = /=([\w-]{43})/.exec(cookie)?.[1] ?? '';
  assert.equal(fact?.id, sessionIdOf(secret));
  assert.equal(fact.state, locationOf(begun).searchParams.get('state'));
  assert.equal(fact.host, HOST);
  assert.ok(!JSON.stringify(facts).includes(secret) && !JSON.stringify(facts).includes(CODE));
});

test('a code without the state of this browser is not sent to the control plane (login CSRF)', async () => {
  const { signIn, facts } = setUp();
  for (const cookies of [undefined, '__Host-gatehouse-state=.1', '__Host-gatehouse-state=x']) {
    const answer = await callback(signIn, cookies, `?code=${CODE}&path=/notes`);
    assert.equal(locationOf(answer).href, `${CONTROL}/login/failed?host=${HOST}&path=%2Fnotes`);
    assert.deepEqual(cookiesOf(answer), []);
  }
  assert.deepEqual(facts, []);
});

test('a code that the control plane refuses gives no cookie', async () => {
  const { signIn } = setUp(async () => {
    throw new GatehouseError('sign_in_incomplete', 'used before');
  });
  const cookies = sentBack(signIn.begin(stateOf(), '/'));
  const answer = await callback(signIn, cookies, `?code=${CODE}&path=/`);
  assert.equal(locationOf(answer).pathname, '/login/failed');
  assert.deepEqual(cookiesOf(answer), []);
});

test('without an answer of the control plane, there is no session', async () => {
  const { signIn } = setUp(async () => {
    throw new GatehouseError('unavailable', 'no answer');
  });
  const cookies = sentBack(signIn.begin(stateOf(), '/'));
  await assert.rejects(callback(signIn, cookies, `?code=${CODE}&path=/`), { code: 'unavailable' });
});

test('the path of the return cannot lead to another host', async () => {
  const { signIn } = setUp();
  for (const path of ['//evil.example', 'https://evil.example/', '/\\evil.example', '@evil.example']) {
    const cookies = sentBack(signIn.begin(stateOf(), '/'));
    const answer = await callback(signIn, cookies, `?code=${CODE}&path=${encodeURIComponent(path)}`);
    assert.equal(locationOf(answer).host, HOST, path);
  }
});

test('tabs that are open at the same time share one state', () => {
  const { signIn } = setUp();
  const first = signIn.begin(stateOf(), '/one');
  const second = signIn.begin(stateOf({ cookies: sentBack(first) }), '/two');
  const states = [first, second].map((answer) => locationOf(answer).searchParams.get('state'));
  assert.equal(states[0], states[1]);
});

test('a browser that does not store the session is not redirected for ever', async () => {
  const { signIn } = setUp();
  let cookies: string | undefined;
  for (let round = 1; round <= 3; round += 1) {
    cookies = sentBack(signIn.begin(stateOf({ cookies }), '/'));
    const answer = await callback(signIn, cookies, `?code=${CODE}&path=/`);
    cookies = sentBack(answer).replace(/__Host-gatehouse=[^;]*; /, '');
  }
  assert.throws(() => signIn.begin(stateOf({ cookies }), '/'), { code: 'sign_in_incomplete' });
});

test('signing out ends the session in the control plane, and removes the cookies', async () => {
  const { signIn, facts } = setUp();
  const answer = await signIn.answer(
    stateOf({ cookies: '__Host-gatehouse=secret' }),
    '/.gatehouse/logout',
    '',
  );
  assert.ok(answer);
  assert.equal(locationOf(answer).href, `${CONTROL}/signed-out?host=${HOST}`);
  assert.ok(cookiesOf(answer).every((cookie) => cookie.includes('Max-Age=0')));
  assert.deepEqual(facts, [
    { type: 'signedOut', id: sessionIdOf('secret'), address: '192.0.2.1', requestId: 'r1' },
  ]);
});

test('a link on another site ends no session', async () => {
  const { signIn, facts } = setUp();
  const asked: Asked[] = [
    { fields: ['Sec-Fetch-Site', 'cross-site'] },
    { method: 'POST', fields: ['Origin', 'https://evil.example'] },
  ];
  for (const each of asked) {
    const state = stateOf({ cookies: '__Host-gatehouse=secret', ...each });
    const answer = await signIn.answer(state, '/.gatehouse/logout', '');
    assert.ok(answer);
    assert.equal(locationOf(answer).href, `${CONTROL}/logout`);
    assert.deepEqual(cookiesOf(answer), []);
  }
  assert.deepEqual(facts, []);
});

test('has no paths at other hosts, and no other paths at its own', () => {
  const { signIn } = setUp();
  assert.equal(signIn.answer(stateOf({ host: 'other.example' }), '/.gatehouse/callback', ''), undefined);
  assert.equal(signIn.answer(stateOf(), '/notes', ''), undefined);
  assert.throws(() => signIn.answer(stateOf(), '/.gatehouse/else', ''), { code: 'not_found' });
});
