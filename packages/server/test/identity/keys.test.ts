// API keys: created once, returned once, revoked for good, and their use recorded once a minute.
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { hashSecret, parseApiKey } from '@gatehouse/access';
import { createKeys } from '../../src/identity/keys.ts';
import { createIdentitySections } from '../../src/identity/sections.ts';
import { createIdentityStore } from '../../src/identity/store/store.ts';
import type { Actor } from '../../src/platform/events.ts';
import { refusal } from '../support/errors.ts';
import { createStore } from '../support/store.ts';

const actor: Actor = { kind: 'user', name: 'admin', address: '127.0.0.1' };

async function setUp(t: TestContext) {
  const foundation = await createStore(t);
  const keys = createKeys({ ...foundation, store: createIdentityStore(foundation.database) });
  const create = (name: string, expiresInSeconds?: number) =>
    keys.create({ name, roles: ['user'], expiresInSeconds }, actor);
  return { ...foundation, keys, create };
}

test('creates a key whose text is returned once and never stored', async (t) => {
  const { keys, create, clock, published } = await setUp(t);
  const { text, ...made } = await create('robot');
  const { id, secret } = parseApiKey(text);
  assert.deepEqual(made, {
    id,
    name: 'robot',
    roles: ['user'],
    secretHash: hashSecret(secret),
    createdAt: clock.now(),
    expiresAt: null,
    lastUsedAt: null,
  });
  assert.deepEqual(await keys.list(), [made]);
  assert.deepEqual(published, [
    {
      type: 'identity.key_created',
      actor,
      outcome: 'success',
      subject: 'robot',
      data: { id, roles: ['user'], expiresAt: null },
    },
  ]);
});

test('a key expires at the requested time', async (t) => {
  const { create, clock } = await setUp(t);
  assert.equal((await create('robot', 60)).expiresAt, clock.now() + 60_000);
});

test('the section of the keys has the time of creation of those that expire', async (t) => {
  const { create, clock, database, feed } = await setUp(t);
  const { keys } = createIdentitySections(database, createIdentityStore(database));
  await feed.addSection(keys);
  const [lasting, ending] = [await create('lasting'), await create('ending', 60)];
  assert.equal(keys.entries.get(lasting.id)?.createdAt, undefined);
  assert.equal(keys.entries.get(ending.id)?.createdAt, clock.now());
});

test('refuses a taken name, also for two requests at once', async (t) => {
  const { create, published } = await setUp(t);
  const results = await Promise.allSettled([create('robot'), create('robot')]);
  assert.deepEqual(results.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
  await assert.rejects(create('robot'), refusal('conflict', /"robot" is taken/));
  await assert.rejects(create('Robot'), refusal('conflict', /"Robot" is taken/));
  assert.equal(published.length, 1);
});

test('revokes a key by its id; an unknown id is not_found', async (t) => {
  const { keys, create, published } = await setUp(t);
  const { id } = await create('robot');
  await keys.revoke(id, actor);
  assert.deepEqual(await keys.list(), []);
  assert.deepEqual(published.at(-1), {
    type: 'identity.key_revoked',
    actor,
    outcome: 'success',
    subject: 'robot',
    data: { id },
  });
  await assert.rejects(keys.revoke(id, actor), refusal('not_found', /no API key/));
  await create('robot');
});

test('records the first use in a minute once, even if several workers report it at the same time', async (t) => {
  const { keys, create, clock, published } = await setUp(t);
  const { id } = await create('robot');
  const use = (requestId: string) => keys.noteUse({ id, name: 'robot', address: '192.0.2.7', requestId });
  await Promise.all([use('r1'), use('r2'), use('r3')]);
  const uses = () => published.filter(({ type }) => type === 'identity.key_used');
  assert.deepEqual(uses(), [
    {
      type: 'identity.key_used',
      actor: { kind: 'service', name: 'robot', address: '192.0.2.7' },
      outcome: 'success',
      subject: 'robot',
      data: { id, requestId: 'r1' },
    },
  ]);
  assert.equal((await keys.list())[0]?.lastUsedAt, clock.now());
  clock.advance(59);
  await use('r4');
  assert.equal(uses().length, 1);
  clock.advance(1);
  await use('r5');
  assert.equal(uses().length, 2);
});

test('does not record the use of a key that was revoked meanwhile', async (t) => {
  const { keys, create, published } = await setUp(t);
  const { id } = await create('robot');
  await keys.revoke(id, actor);
  await keys.noteUse({ id, name: 'robot', address: '192.0.2.7', requestId: 'r1' });
  assert.equal(published.at(-1)?.type, 'identity.key_revoked');
});
