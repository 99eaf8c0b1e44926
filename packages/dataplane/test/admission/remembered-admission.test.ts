// Admissions that are valid for the next request: exactly as long as a new decision would be the same.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GatewayRoute } from '@gatehouse/access';
import {
  createAdmission as createDecisions,
  defaultPolicies,
  generateApiKey,
  hashSecret,
  packHash,
} from '@gatehouse/access';
import { createAdmission } from '../../src/admission/admission.ts';
import { createRouteUpstreams } from '../../src/admission/route-upstreams.ts';
import type { AdmissionState, Admitted } from '../../src/exchange/admission.ts';
import { createSignIn } from '../../src/sign-in/sign-in.ts';
import { createSignInPlace } from '../../src/sign-in/sign-in-place.ts';
import type { Contents } from '../support/sections.ts';
import { ROBOT, sectionsWith } from '../support/sections.ts';

const NOON = Date.UTC(2026, 0, 31, 12);

interface SetUp {
  route?: Partial<GatewayRoute>;
  contents?: Contents;
  /** The key of the requests. */
  key?: string;
  fields?: string[];
}

/** `admit` admits the same request object each time, like a repeated head. */
async function setUp({ route = {}, contents = {}, key = ROBOT.key, fields = [] }: SetUp = {}) {
  let time = NOON;
  let connectSeconds = 5;
  const clock = { now: () => time, tick() {} };
  const sections = sectionsWith([{ path: '/*', access: 'authenticated', ...route }], contents, clock);
  const { copies } = sections;
  const facts = { record: async () => {} };
  const place = createSignInPlace(copies);
  const upstreams = createRouteUpstreams(
    (name) => copies.sections.upstreams.get(name),
    () => connectSeconds,
  );
  const decisions = createDecisions(facts, clock.now);
  let count = 0;
  const admission = createAdmission({
    decisions: {
      ...decisions,
      admit(...asked) {
        count += 1;
        return decisions.admit(...asked);
      },
    },
    copies,
    clock,
    upstreams,
    signIn: createSignIn(facts, place),
    place,
    sealed: { answer: () => undefined },
    counts: { outcome() {} },
  });
  const request = { method: 'GET', target: '/notes?page=2', fields, apiKey: key };

  function stateOf(others: Partial<AdmissionState> = {}): AdmissionState {
    const address = '192.0.2.7';
    const [client, known] = [{ address }, { method: 'GET', host: 'localhost', fields, decision: 'refused' }];
    return { requestId: 'r1', address, request, client, query: '', ...known, ...others } as AdmissionState;
  }

  const admit = (others?: Partial<AdmissionState>) => admission.admit(stateOf(others)) as Admitted;
  // The first use of a key in a minute is recorded, so it is not remembered.
  await admission.admit(stateOf());
  return {
    ...sections,
    admission,
    stateOf,
    admit,
    /** The number of decisions. */
    decided: () => count,
    later: (ms: number) => {
      time += ms;
    },
    changeUpstreams: () => {
      connectSeconds += 1;
      upstreams.forgetChanged();
    },
  };
}

test('a repeated request in the same second is admitted by the same decision', async () => {
  const { admit, admission, stateOf, later } = await setUp();
  const first = admit();
  later(999);
  const state = stateOf();
  assert.equal(admission.admit(state), first);
  const { path, query, decision, isChecked, route, principal } = state;
  assert.deepEqual([path, query, decision, isChecked], ['/notes', '?page=2', 'allowed', true]);
  assert.deepEqual([route, principal?.name], [first.route, 'robot']);
  assert.equal(admission.holds(state), true);
});

test('another second needs a new decision, also if the clock was set back', async () => {
  const { admit, later, decided } = await setUp();
  for (const ms of [1000, -1000, 30_000, -30_000]) {
    admit();
    const before = decided();
    admit();
    assert.equal(decided(), before);
    later(ms);
    admit();
    assert.equal(decided(), before + 1);
  }
});

test('derived values are reused until the assertion changes', async () => {
  const { admit, later } = await setUp();
  const first = admit();
  later(29_000);
  assert.equal(admit(), first);
  later(1000);
  const second = admit();
  assert.notEqual(second.assertion, first.assertion);
  assert.equal(admit(), second);
});

test('another address, and a connection with a certificate, need a new decision', async () => {
  const { admit } = await setUp();
  const first = admit();
  assert.notEqual(admit({ address: '192.0.2.8' }), first);
  const second = admit();
  assert.notEqual(admit({ presented: { certificate: undefined } as never }), second);
});

test('a change of any section needs a new decision: a removed key is refused at once', async () => {
  const { admit, put, remove, decided } = await setUp();
  admit();
  const before = decided();
  put('users', 'bob', { roles: ['user'], disabled: false, tokenEpoch: 1 });
  admit();
  admit();
  assert.equal(decided(), before + 1);
  remove('keys', ROBOT.id);
  await assert.rejects(async () => admit(), { code: 'credential_invalid' });
});

test('after a change of its upstream, it is sent to the new one', async () => {
  const { admit, changeUpstreams } = await setUp();
  assert.equal(admit().upstream.target.connectSeconds, 5);
  changeUpstreams();
  assert.equal(admit().upstream.target.connectSeconds, 6);
});

test('a key that expires is checked each time, because it may end in the middle of a second', async () => {
  const { id, text, secret } = generateApiKey();
  const facts = { name: 'brief', roles: ['user'], secretHash: packHash(hashSecret(secret)) };
  const contents: Contents = { keys: [[id, { ...facts, expiresAt: NOON + 500, createdAt: NOON }]] };
  const { admit, later } = await setUp({ contents, key: text });
  assert.notEqual(admit(), admit());
  later(500);
  await assert.rejects(async () => admit(), { code: 'credential_invalid' });
});

test('a decision that depends on the request is made each time', async () => {
  const all = { principal: { op: 'All' }, action: { op: 'All' }, resource: { op: 'All' } } as const;
  const address = { '.': { left: { Var: 'context' }, attr: 'address' } };
  const body = { '==': { left: address, right: { Value: 'no address' } } };
  const json = { effect: 'forbid', ...all, conditions: [{ kind: 'when', body }] };
  const { admit } = await setUp({ contents: { policies: [...defaultPolicies(), ['p', { json }]] } });
  assert.notEqual(admit(), admit());
});

test('fields for the answer are computed each time', async () => {
  const cors = {
    origins: ['https://app.example'],
    methods: [],
    headers: [],
    credentials: false,
    maxAgeSeconds: 60,
  };
  const { admit, admission, stateOf } = await setUp({
    route: { cors },
    fields: ['Origin', 'https://app.example'],
  });
  assert.notEqual(admit(), admit());
  const state = stateOf();
  admission.admit(state);
  assert.ok(state.answerFields?.includes('https://app.example'));
});

test('anonymous requests to a public route are remembered, but not requests with a credential', async () => {
  const { admit, stateOf, admission } = await setUp({ route: { access: 'public' } });
  assert.notEqual(admit(), admit());
  const request = { method: 'GET', target: '/', fields: [] } as never;
  assert.equal(admission.admit(stateOf({ request })), admission.admit(stateOf({ request })));
});
