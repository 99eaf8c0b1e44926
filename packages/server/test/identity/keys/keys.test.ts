// API keys: returned once, revoked permanently, and their use recorded once a minute.
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { hashSecret, parseApiKey } from '@gatehouse/access';
import { keyView } from '../../../src/identity/keys/key-views.ts';
import { createKeys } from '../../../src/identity/keys/keys.ts';
import { createIdentitySections } from '../../../src/identity/sections.ts';
import { createServices } from '../../../src/identity/services/services.ts';
import { createIdentityStore } from '../../../src/identity/store/store.ts';
import type { Actor } from '../../../src/platform/feed/events.ts';
import { refusal } from '../../support/errors.ts';
import { createStore } from '../../support/store.ts';

const actor: Actor = { kind: 'user', name: 'admin', address: '127.0.0.1' };

async function setUp(t: TestContext) {
  const foundation = await createStore(t);
  const store = createIdentityStore(foundation.database);
  const services = createServices({ ...foundation, store });
  const keys = createKeys({ ...foundation, store, services });
  const list = () => keys.list({ revoked: false });
  const create = (name: string, expiresInSeconds?: number) =>
    keys.create(
      {
        name,
        roles: ['user'],
        expiresAt: expiresInSeconds && foundation.clock.now() + expiresInSeconds * 1000,
      },
      actor,
    );
  return { ...foundation, keys, services, list, create };
}

test('creates a key whose text is returned once and never stored', async (t) => {
  const { list, create, clock, published } = await setUp(t);
  const { text, ...made } = await create('robot');
  const { id, secret } = parseApiKey(text);
  assert.deepEqual(made, {
    id,
    name: 'robot',
    roles: ['user'],
    scopes: [],
    addresses: [],
    secretHash: hashSecret(secret),
    publicKey: null,
    createdAt: clock.now(),
    expiresAt: null,
    lastUsedAt: null,
    revokedAt: null,
    disabled: false,
  });
  assert.deepEqual(await list(), [made]);
  assert.deepEqual(published, [
    {
      type: 'identity.service_created',
      actor,
      outcome: 'success',
      subject: 'robot',
      data: { roles: ['user'] },
    },
    {
      type: 'identity.key_created',
      actor,
      outcome: 'success',
      subject: 'robot',
      data: { id, roles: ['user'], expiresAt: null },
    },
  ]);
});

test('changes a key without a new secret: other members stay, and the ledger has the change', async (t) => {
  const { keys, create, published, clock } = await setUp(t);
  const { id, text: _, ...made } = await create('robot', 60);
  const changed = await keys.change(id, { scopes: ['notes:read'], addresses: undefined }, actor);
  assert.deepEqual(changed, { id, ...made, scopes: ['notes:read'] });
  await keys.change(id, { addresses: ['10.0.0.0/8'], expiresAt: null }, actor);
  assert.deepEqual(await keys.show(id), {
    ...{ id, ...made, scopes: ['notes:read'], addresses: ['10.0.0.0/8'], expiresAt: null },
  });
  assert.deepEqual(
    published.slice(-2).map(({ type, data }) => [type, data]),
    [
      ['identity.key_changed', { id, scopes: ['notes:read'] }],
      ['identity.key_changed', { id, addresses: ['10.0.0.0/8'], expiresAt: null }],
    ],
  );
  clock.advance(1);
  await keys.revoke(id, actor);
  await assert.rejects(keys.change(id, { scopes: [] }, actor), refusal('not_found'));
  assert.notEqual((await keys.show(id)).revokedAt, null);
  await assert.rejects(keys.show('unknown'), refusal('not_found'));
});

test('a disabled key is not in the section and cannot be rotated, and is there again when it is enabled', async (t) => {
  const { keys, create, clock, database, feed } = await setUp(t);
  const { keys: section } = createIdentitySections(database, createIdentityStore(database), clock);
  await feed.addSection(section);
  const { id } = await create('robot');
  const disabled = await keys.setDisabled(id, true, actor);
  assert.equal(keyView(disabled, clock.now()).state, 'disabled');
  assert.equal(section.entries.has(id), false);
  await assert.rejects(keys.rotate(id, 60, actor), refusal('conflict', /is disabled: enable it first/));
  const { keys: later } = createIdentitySections(database, createIdentityStore(database), clock);
  await later.build(database.read);
  assert.equal(later.entries.has(id), false, 'also after a restart');
  await keys.setDisabled(id, false, actor);
  assert.equal(section.entries.has(id), true);
});

test('a key expires at the requested time', async (t) => {
  const { create, clock } = await setUp(t);
  assert.equal((await create('robot', 60)).expiresAt, clock.now() + 60_000);
});

test('the section of the keys has the creation time of keys that expire', async (t) => {
  const { create, clock, database, feed } = await setUp(t);
  const { keys } = createIdentitySections(database, createIdentityStore(database), clock);
  await feed.addSection(keys);
  const [lasting, ending] = [await create('lasting'), await create('ending', 60)];
  assert.equal(keys.entries.get(lasting.id)?.createdAt, undefined);
  assert.equal(keys.entries.get(ending.id)?.createdAt, clock.now());
});

test('a service has several keys, with its roles; two requests at once register it once', async (t) => {
  const { create, list, services, published } = await setUp(t);
  const made = await Promise.all([create('robot'), create('robot')]);
  assert.notEqual(made[0].id, made[1].id);
  assert.deepEqual(
    (await list()).map(({ name }) => name),
    ['robot', 'robot'],
  );
  assert.deepEqual(
    (await services.list()).map(({ name }) => name),
    ['robot'],
  );
  const registrations = published.filter(({ type }) => type === 'identity.service_created');
  assert.equal(registrations.length, 1);
});

test('refuses other roles than the service has, and a name that differs in case', async (t) => {
  const { keys, create } = await setUp(t);
  await create('robot');
  const admin = keys.create({ name: 'robot', roles: ['admin'] }, actor);
  await assert.rejects(admin, refusal('conflict', /"robot" has the roles user/));
  await assert.rejects(create('Robot'), refusal('conflict', /upper and lower case/));
});

test('a key may have scopes and networks, which are also in its event and its section', async (t) => {
  const { keys, published, database, feed, clock } = await setUp(t);
  const sections = createIdentitySections(database, createIdentityStore(database), clock);
  await feed.addSection(sections.keys);
  const limits = { scopes: ['notes:read'], addresses: ['192.0.2.0/24'] };
  const { id } = await keys.create({ name: 'robot', ...limits }, actor);
  assert.deepEqual(published.at(-1)?.data, { id, roles: ['user'], ...limits, expiresAt: null });
  const { scopes, addresses } = sections.keys.entries.get(id) ?? {};
  assert.deepEqual({ scopes, addresses }, limits);
});

test('revokes a key by its id, and lists it only on request; an unknown id is not_found', async (t) => {
  const { keys, list, create, published, clock } = await setUp(t);
  const { id } = await create('robot');
  await keys.revoke(id, actor);
  assert.deepEqual(await list(), []);
  const [revoked] = await keys.list({ revoked: true });
  assert.deepEqual([revoked?.id, revoked?.revokedAt], [id, clock.now()]);
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

test('a revoked key is in no section, whether it was revoked before or after the start', async (t) => {
  const { keys, create, database, feed, clock } = await setUp(t);
  const [before, after] = [await create('robot'), await create('robot')];
  await keys.revoke(before.id, actor);
  const sections = createIdentitySections(database, createIdentityStore(database), clock);
  await feed.addSection(sections.keys);
  assert.deepEqual([...sections.keys.entries.keys()], [after.id]);
  await keys.revoke(after.id, actor);
  assert.equal(sections.keys.entries.size, 0);
});

test('rotates: a new key like the old one, and the old one ends after the overlap', async (t) => {
  const { keys, list, clock, published, database, feed } = await setUp(t);
  const sections = createIdentitySections(database, createIdentityStore(database), clock);
  await feed.addSection(sections.keys);
  const wanted = {
    name: 'robot',
    roles: ['backup'],
    scopes: ['a'],
    addresses: ['::1'],
    expiresAt: clock.now() + 7_200_000,
  };
  const old = await keys.create(wanted, actor);
  clock.advance(60);
  const { made, endsAt } = await keys.rotate(old.id, 600, actor);
  assert.equal(endsAt, clock.now() + 600_000);
  const { name, roles, scopes, addresses, expiresAt } = made;
  const { expiresAt: _, ...same } = wanted;
  assert.deepEqual({ name, roles, scopes, addresses }, same);
  assert.equal(expiresAt, clock.now() + 7_200_000);
  assert.deepEqual((await list()).map(({ id }) => id).sort(), [old.id, made.id].sort());
  assert.equal(sections.keys.entries.get(old.id)?.expiresAt, endsAt);
  const { type, data } = published.at(-1) ?? {};
  assert.deepEqual(
    [type, data],
    ['identity.key_rotated', { id: old.id, replacedBy: made.id, expiresAt: endsAt }],
  );
});

test('rotation never lets the old key live longer, and refuses keys that are revoked or expired', async (t) => {
  const { keys, create, clock } = await setUp(t);
  const old = await create('robot', 60);
  assert.equal((await keys.rotate(old.id, 3600, actor)).endsAt, old.expiresAt);
  clock.advance(60);
  await assert.rejects(keys.rotate(old.id, 1, actor), refusal('conflict', /has expired/));
  await keys.revoke(old.id, actor);
  await assert.rejects(keys.rotate(old.id, 1, actor), refusal('not_found', /no API key/));
});

test('removing a service revokes its keys', async (t) => {
  const { list, services, create, published } = await setUp(t);
  const { id } = await create('robot');
  await services.remove('robot', actor);
  assert.deepEqual(await list(), []);
  const types = published.slice(-2).map(({ type, data }) => [type, data]);
  assert.deepEqual(types, [
    ['identity.key_revoked', { id }],
    ['identity.service_removed', {}],
  ]);
});

test('records the first use in a minute once, even if several workers report it at the same time', async (t) => {
  const { keys, list, create, clock, published } = await setUp(t);
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
  assert.equal((await list())[0]?.lastUsedAt, clock.now());
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

test('has expired from the millisecond of its end on', async (t) => {
  const { keys, clock } = await setUp(t);
  const end = clock.now() + 60_000;
  const key = await keys.create({ name: 'robot', expiresAt: end }, actor);
  assert.equal(keyView(key, end - 1).state, 'active');
  assert.equal(keyView(key, end).state, 'expired');
});

const PUBLIC_KEY = { crv: 'Ed25519', kty: 'OKP', x: 'JrQLj5P_89iXES9-vFgrIy29clF9CC_oPPsw3c5D0bs' };

test('registers a public key besides the API keys: it is listed, in the section, and revoked in the same way', async (t) => {
  const { keys, list, create, clock, published, database } = await setUp(t);
  const added = await keys.addPublic({ name: 'robot', roles: ['user'], publicKey: PUBLIC_KEY }, actor);
  assert.equal(keyView(added, clock.now()).algorithm, 'ed25519');
  assert.equal(keyView(await create('robot'), clock.now()).algorithm, null);
  assert.equal((await list()).length, 2);
  const { type, data } = published.find(({ data: { id } }) => id === added.id) ?? {};
  assert.equal(type, 'identity.key_created');
  assert.equal(data?.algorithm, 'ed25519');
  const sections = createIdentitySections(database, createIdentityStore(database), clock);
  await sections.keys.build(database.read);
  const facts = sections.keys.entries.get(added.id);
  assert.deepEqual([facts?.publicKey, facts?.secretHash], [PUBLIC_KEY, '']);
  await keys.revoke(added.id, actor);
  assert.equal((await list()).length, 1);
});

test('refuses a public key that is already registered, and refuses to rotate a public key', async (t) => {
  const { keys } = await setUp(t);
  const key = { name: 'robot', publicKey: PUBLIC_KEY };
  const { id } = await keys.addPublic(key, actor);
  await assert.rejects(
    keys.addPublic({ ...key, name: 'other' }, actor),
    refusal('conflict', /is already registered as the key .* of "robot"/),
  );
  await assert.rejects(keys.rotate(id, 1, actor), refusal('conflict', /add a new one with/));
  await keys.revoke(id, actor);
  assert.notEqual((await keys.addPublic({ ...key, name: 'other' }, actor)).id, id);
});
