// Passkeys: signing in with them, and the answers of authenticators that are refused (WebAuthn L3 §7).
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import type { UserFacts } from '@gatehouse/access';
import type { Challenge } from '../../../src/identity/passkeys/passkeys.ts';
import { createPasskeys, endPasskeysWithUser } from '../../../src/identity/passkeys/passkeys.ts';
import { createPasskeyQueries } from '../../../src/identity/store/passkey-queries.ts';
import type { Actor } from '../../../src/platform/feed/events.ts';
import { createShortLivedStore } from '../../../src/platform/short-lived/short-lived-store.ts';
import { refusal } from '../../support/errors.ts';
import { createMemoryLog } from '../../support/memory-log.ts';
import type { Lies } from '../../support/software-authenticator.ts';
import { createSoftwareAuthenticator } from '../../support/software-authenticator.ts';
import { createStore } from '../../support/store.ts';

const ORIGIN = 'https://id.example:9443';
const alice: Actor = { kind: 'user', name: 'alice', address: '192.0.2.7' };
const sessionOf = (user: string) => ({ id: 'open', user });
const CLIENT = { address: '192.0.2.7', requestId: 'r1' };

async function setUp(t: TestContext) {
  const foundation = await createStore(t);
  const store = createPasskeyQueries();
  const facts: UserFacts = { roles: ['user'], disabled: false, tokenEpoch: 7 };
  const userFacts = new Map([
    ['alice', facts],
    ['bob', { ...facts, tokenEpoch: 8 }],
  ]);
  const refused: (string | null)[] = [];
  const passkeys = createPasskeys({
    ...foundation,
    store,
    userFacts,
    log: createMemoryLog().log,
    refusals: { count: ({ subject }) => void refused.push(subject) },
    challenges: createShortLivedStore<Challenge>(foundation.clock, { perOwner: 16 }),
    sessions: { requireOpen: async (_tx, { id }) => assert.notEqual(id, 'ended') },
    origin: ORIGIN,
  });
  endPasskeysWithUser(foundation.events, store);
  async function enrolled(options: { isSynced?: boolean } = {}, user = 'alice') {
    const authenticator = createSoftwareAuthenticator(ORIGIN, options);
    const response = authenticator.create(await passkeys.creationOptions(user));
    await passkeys.add(sessionOf(user), { name: 'Phone', response }, { ...alice, name: user });
    return authenticator;
  }
  const options = () => passkeys.requestOptions(CLIENT.address);
  return { ...foundation, store, userFacts, passkeys, enrolled, options, refused };
}

test('a passkey signs its user in without a user name, and the sign-in has its methods', async (t) => {
  const { passkeys, enrolled, options, published } = await setUp(t);
  const authenticator = await enrolled();
  const proof = await passkeys.signIn(authenticator.get(await options()), CLIENT);
  const passkey = (await passkeys.listOf('alice'))[0]?.id;
  assert.deepEqual(proof, { user: 'alice', tokenEpoch: 7, amr: ['hwk', 'user', 'mfa', 'phr'], passkey });
  assert.deepEqual(
    published.map(({ type, subject }) => [type, subject]),
    [['identity.passkey_added', 'alice']],
  );
});

test('a passkey that other devices have too is a software key (RFC 8176 §2)', async (t) => {
  const { passkeys, enrolled, options } = await setUp(t);
  const authenticator = await enrolled({ isSynced: true });
  const { amr } = await passkeys.signIn(authenticator.get(await options()), CLIENT);
  assert.deepEqual(amr, ['swk', 'user', 'mfa', 'phr']);
  assert.equal((await passkeys.listOf('alice'))[0]?.isBackedUp, true);
});

test('asks for a discoverable credential and for the verification of its user', async (t) => {
  const { passkeys, options } = await setUp(t);
  const { authenticatorSelection, rp, user } = await passkeys.creationOptions('alice');
  assert.deepEqual(
    [authenticatorSelection?.residentKey, authenticatorSelection?.userVerification, rp.id],
    ['required', 'required', 'id.example'],
  );
  assert.ok(!Buffer.from(user.id, 'base64url').includes('alice'), 'the user handle says who it is');
  assert.equal((await options()).userVerification, 'required');
});

const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
const LIES: [what: string, lies: Lies][] = [
  ['another origin', { origin: 'https://evil.example' }],
  ['another port of the host', { origin: 'https://id.example:1' }],
  ['an origin that only begins like ours', { origin: `${ORIGIN}.evil.example` }],
  ['another relying party', { rpId: 'evil.example' }],
  ['a challenge that is not ours', { challenge: Buffer.alloc(32, 1).toString('base64url') }],
  ['the type of a registration', { type: 'webauthn.create' }],
  ['no verification of the user', { userVerified: false }],
  ['the signature of another key', { key: other }],
  ['the handle of another user', { userHandle: Buffer.alloc(32, 2).toString('base64url') }],
];

for (const [what, lies] of LIES) {
  test(`refuses a sign-in with ${what}, and counts it (WebAuthn L3 §7.2)`, async (t) => {
    const { passkeys, enrolled, options, refused } = await setUp(t);
    const authenticator = await enrolled();
    const response = authenticator.get(await options(), lies);
    await assert.rejects(passkeys.signIn(response, CLIENT), refusal('credential_invalid'));
    assert.deepEqual(refused, ['alice']);
  });
}

test('a challenge is valid for one answer, and for five minutes', async (t) => {
  const { passkeys, enrolled, options, clock } = await setUp(t);
  const authenticator = await enrolled();
  const once = await options();
  await passkeys.signIn(authenticator.get(once), CLIENT);
  await assert.rejects(passkeys.signIn(authenticator.get(once), CLIENT), refusal('credential_invalid'));
  const late = await options();
  clock.advance(301);
  await assert.rejects(passkeys.signIn(authenticator.get(late), CLIENT), refusal('credential_invalid'));
});

test('a challenge for a new passkey cannot sign in, and the challenge of another user adds no passkey', async (t) => {
  const { passkeys, enrolled } = await setUp(t);
  const authenticator = await enrolled();
  const creation = await passkeys.creationOptions('alice');
  await assert.rejects(passkeys.signIn(authenticator.get(creation), CLIENT), refusal('credential_invalid'));
  const response = createSoftwareAuthenticator(ORIGIN).create(await passkeys.creationOptions('bob'));
  await assert.rejects(
    passkeys.add(sessionOf('alice'), { name: 'x', response }, alice),
    refusal('unprocessable'),
  );
});

test('a counter that goes back means a copy of the key (WebAuthn L3 §6.1.1)', async (t) => {
  const { passkeys, enrolled, options } = await setUp(t);
  const authenticator = await enrolled();
  await passkeys.signIn(authenticator.get(await options(), { counter: 5 }), CLIENT);
  for (const counter of [5, 4, 0]) {
    const response = authenticator.get(await options(), { counter });
    await assert.rejects(passkeys.signIn(response, CLIENT), refusal('credential_invalid'), String(counter));
  }
  await passkeys.signIn(authenticator.get(await options(), { counter: 6 }), CLIENT);
});

test('an authenticator that does not count stays usable', async (t) => {
  const { passkeys, enrolled, options } = await setUp(t);
  const authenticator = await enrolled();
  for (let use = 0; use < 2; use += 1) {
    await passkeys.signIn(authenticator.get(await options(), { counter: 0 }), CLIENT);
  }
});

test('refuses a new passkey from another origin, and one whose user was not verified', async (t) => {
  const { passkeys } = await setUp(t);
  for (const lies of [
    { origin: 'https://evil.example' },
    { rpId: 'evil.example' },
    { userVerified: false },
  ]) {
    const authenticator = createSoftwareAuthenticator(ORIGIN);
    const response = authenticator.create(await passkeys.creationOptions('alice'), lies);
    await assert.rejects(
      passkeys.add(sessionOf('alice'), { name: 'x', response }, alice),
      refusal('unprocessable'),
    );
  }
  assert.deepEqual(await passkeys.listOf('alice'), []);
});

test('refuses every answer that is not WebAuthn, without other errors', async (t) => {
  const { passkeys, enrolled, options } = await setUp(t);
  const authenticator = await enrolled();
  const whole = authenticator.get(await options());
  for (const member of ['clientDataJSON', 'authenticatorData', 'signature'] as const) {
    for (const value of ['', 'AAAA', 'e30']) {
      const response = { ...whole, response: { ...whole.response, [member]: value } };
      await assert.rejects(
        passkeys.signIn(response, CLIENT),
        refusal('credential_invalid'),
        `${member} ${value}`,
      );
    }
  }
});

test('a user may have several passkeys with one handle, rename them and remove them; others cannot', async (t) => {
  const { passkeys, enrolled, options } = await setUp(t);
  const first = await enrolled();
  await enrolled();
  const list = await passkeys.listOf('alice');
  assert.equal(new Set(list.map(({ userHandle }) => userHandle)).size, 1);
  const id = list[0]?.id ?? '';
  await assert.rejects(passkeys.rename({ id, user: 'bob', name: 'x' }, alice), refusal('not_found'));
  await assert.rejects(passkeys.remove({ id, user: 'bob' }, alice), refusal('not_found'));
  await passkeys.rename({ id, user: 'alice', name: 'Blue key' }, alice);
  assert.equal((await passkeys.listOf('alice'))[0]?.name, 'Blue key');
  await passkeys.remove({ id, user: 'alice' }, alice);
  await assert.rejects(passkeys.signIn(first.get(await options()), CLIENT), refusal('credential_invalid'));
});

test('a disabled user cannot sign in, and a removed user has no passkeys', async (t) => {
  const { passkeys, enrolled, options, userFacts, database, events } = await setUp(t);
  const authenticator = await enrolled();
  userFacts.set('alice', { roles: [], disabled: true, tokenEpoch: 7 });
  await assert.rejects(
    passkeys.signIn(authenticator.get(await options()), CLIENT),
    refusal('credential_invalid'),
  );
  const event = { actor: alice, outcome: 'success', subject: 'alice', data: {} } as const;
  await database.write((tx) => events.publish(tx, { type: 'identity.user_removed', ...event }));
  assert.deepEqual(await passkeys.listOf('alice'), []);
});

test('a passkey is not added when the session has ended while it was verified', async (t) => {
  const { passkeys } = await setUp(t);
  const response = createSoftwareAuthenticator(ORIGIN, {}).create(await passkeys.creationOptions('alice'));
  const added = passkeys.add({ id: 'ended', user: 'alice' }, { name: 'Phone', response }, alice);
  await assert.rejects(added, { code: 'ERR_ASSERTION' });
  assert.deepEqual(await passkeys.listOf('alice'), [], 'the next user of that name would have it');
});
