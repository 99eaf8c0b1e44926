// Removing a factor ends the sessions and sign-ins that began with it, and no others.
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { endWithFactor } from '../../../src/identity/factors/sessions-of-factor.ts';
import { createLastSeen } from '../../../src/identity/sessions/last-seen.ts';
import { createSessions } from '../../../src/identity/sessions/sessions.ts';
import { createPasskeyQueries } from '../../../src/identity/store/passkey-queries.ts';
import { createSessionQueries } from '../../../src/identity/store/session-queries.ts';
import { createSealing } from '../../../src/platform/keys/row-sealing.ts';
import { refusal } from '../../support/errors.ts';
import { ADMIN, openIdentity } from '../../support/identity.ts';

const PASSKEY = ['hwk', 'user', 'mfa', 'phr'];
const CODE = ['pwd', 'otp', 'mfa'];
const call = { header: () => undefined, address: '192.0.2.7', requestId: 'r1' };

async function setUp(t: TestContext) {
  const identity = await openIdentity(t);
  const { database, events, clock, factors, createUser, store } = identity;
  const queries = createSessionQueries();
  const passkeys = createPasskeyQueries();
  const { tokenEpoch } = await createUser('alice');
  const sessions = createSessions({
    ...identity,
    store: queries,
    userFacts: new Map([['alice', { roles: ['user'], disabled: false, tokenEpoch }]]),
    lastSeen: createLastSeen(3600, clock),
    sealing: createSealing(new Uint8Array(32)),
    entries: new Map(),
    authentication: { complete: async () => {} },
    settings: { sessionLifetime: 3600 },
  });
  const ended: string[] = [];
  const signIns = { endWhere: async (_tx: unknown, user: string) => void ended.push(user) };
  endWithFactor({ events, sessions, signIns, store, passkeys });
  const addPasskey = (id: string) =>
    database.write((tx) =>
      passkeys.insertPasskey(tx, {
        id,
        user: 'alice',
        userHandle: 'h',
        name: id,
        publicKey: new Uint8Array(),
        counter: 0,
        transports: [],
        isBackedUp: false,
        createdAt: clock.now(),
        lastUsedAt: null,
      }),
    );
  for (const id of ['phone', 'key']) await addPasskey(id);
  const begin = async (amr: string[], passkey?: string) =>
    (await sessions.begin({ user: 'alice', tokenEpoch, amr, passkey }, call)).session;
  const remove = (data: { passkey: string; session?: string }) =>
    database.write((tx) =>
      events.publish(tx, {
        type: 'identity.passkey_removed',
        actor: ADMIN,
        outcome: 'success',
        subject: 'alice',
        data,
      }),
    );
  const left = async () => (await queries.sessions(database.read, 'alice')).map(({ id }) => id).sort();
  return { ...identity, passkeys, sessions, factors, begin, remove, left, ended };
}

test('removing a passkey ends the sessions that began with it, also those at the gateway', async (t) => {
  const { begin, sessions, factors, remove, left } = await setUp(t);
  await factors.enrol('alice', ADMIN);
  const phone = await begin(PASSKEY, 'phone');
  const atGateway = await sessions.beginAt('gw.example', phone, { ...call, id: 'of phone' });
  const others = [await begin(PASSKEY, 'key'), await begin(['pwd']), await begin(CODE)];
  assert.equal(atGateway.passkey, 'phone');
  await remove({ passkey: 'phone' });
  assert.deepEqual(await left(), others.map(({ id }) => id).sort());
});

test('the session that removes a passkey continues, with those that came from it', async (t) => {
  const { begin, sessions, remove, left } = await setUp(t);
  const [acting, other] = [await begin(PASSKEY, 'phone'), await begin(PASSKEY, 'phone')];
  await sessions.beginAt('gw.example', acting, { ...call, id: 'of acting' });
  await sessions.beginAt('gw.example', other, { ...call, id: 'of other' });
  await remove({ passkey: 'phone', session: acting.id });
  assert.deepEqual(await left(), [acting.id, 'of acting'].sort());
});

test('removing TOTP ends the sessions and sign-ins that began with a code, except the one that removes it', async (t) => {
  const { begin, factors, left, ended, published } = await setUp(t);
  await factors.enrol('alice', ADMIN);
  const [acting, , ...others] = [
    await begin(CODE),
    await begin(CODE),
    await begin(['pwd']),
    await begin(PASSKEY, 'key'),
  ];
  await factors.remove('alice', ADMIN, acting?.id);
  assert.deepEqual(await left(), [acting, ...others].map((each) => each?.id).sort());
  assert.deepEqual(ended, ['alice']);
  const { data } = published.find(({ type }) => type === 'identity.totp_removed') ?? {};
  assert.deepEqual(data, { session: acting?.id });
});

test('no session begins if the factor was removed between its proof and the sign-in', async (t) => {
  const { begin, database, passkeys, left } = await setUp(t);
  await database.write((tx) => passkeys.deletePasskey(tx, { id: 'phone', user: 'alice' }));
  const gone = refusal('credential_invalid', /removed meanwhile/);
  await assert.rejects(begin(PASSKEY, 'phone'), gone);
  await assert.rejects(begin(CODE), gone);
  assert.deepEqual(await left(), []);
});
