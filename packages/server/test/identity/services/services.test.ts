// Services: registered by hand, or with their first key or certificate, with a unique name, and refused
// after their removal.
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { createKeys } from '../../../src/identity/keys/keys.ts';
import { createServices } from '../../../src/identity/services/services.ts';
import { createIdentityStore } from '../../../src/identity/store/store.ts';
import type { Actor } from '../../../src/platform/feed/events.ts';
import { refusal } from '../../support/errors.ts';
import { createStore } from '../../support/store.ts';

const actor: Actor = { kind: 'user', name: 'admin', address: '127.0.0.1' };

async function setUp(t: TestContext) {
  const foundation = await createStore(t);
  const { database, clock } = foundation;
  const store = createIdentityStore(database);
  const services = createServices({ ...foundation, store });
  const keys = createKeys({ ...foundation, store, services });
  const resolve = (name: string, roles?: string[]) =>
    database.write((tx) => services.resolve(tx, name, roles));
  const createUser = (name: string, disabled = false) =>
    database.write(async (tx) => {
      await store.claimName(tx, name);
      await store.insertUser(tx, {
        name,
        roles: ['admin'],
        passwordHash: '',
        disabled,
        createdAt: clock.now(),
        tokenEpoch: 1,
        attributes: {},
      });
    });
  return { ...foundation, services, keys, resolve, createUser };
}

test('a free name becomes a service with role user, and stays a service', async (t) => {
  const { resolve, services, published, clock } = await setUp(t);
  assert.deepEqual(await resolve('robot'), { kind: 'service', name: 'robot' });
  assert.deepEqual(await resolve('robot'), { kind: 'service', name: 'robot' });
  assert.deepEqual(await services.list(), [
    { name: 'robot', roles: ['user'], createdAt: clock.now(), attributes: {}, disabled: false },
  ]);
  assert.deepEqual(published, [
    {
      type: 'identity.service_created',
      actor: { kind: 'system', name: 'gatehouse' },
      outcome: 'success',
      subject: 'robot',
      data: { roles: ['user'] },
    },
  ]);
});

test('a service has the roles of its registration: other roles are refused, the same ones are accepted', async (t) => {
  const { resolve, services } = await setUp(t);
  await resolve('robot', ['backup', 'user']);
  assert.deepEqual((await services.list())[0]?.roles, ['backup', 'user']);
  await resolve('robot', ['user', 'backup']);
  await assert.rejects(resolve('robot', ['admin']), refusal('conflict', /has the roles backup, user/));
  await assert.rejects(resolve('robot', ['user']), refusal('conflict'));
});

test('a certificate with the name of a user belongs to that user, whose roles do not change', async (t) => {
  const { resolve, createUser, services } = await setUp(t);
  await createUser('alice');
  assert.deepEqual(await resolve('alice'), { kind: 'user', name: 'alice' });
  await assert.rejects(resolve('alice', ['user']), refusal('conflict', /already has roles/));
  await createUser('bob', true);
  await assert.rejects(resolve('bob'), refusal('conflict', /disabled/));
  assert.deepEqual(await services.list(), []);
});

test('users and services never share a name, in upper or lower case; keys and certificates share a service', async (t) => {
  const { resolve, createUser, keys } = await setUp(t);
  await createUser('Alice');
  await keys.create({ name: 'robot', roles: ['user'] }, actor);
  assert.deepEqual(await resolve('robot'), { kind: 'service', name: 'robot' });
  for (const name of ['alice', 'ROBOT']) {
    await assert.rejects(resolve(name), refusal('conflict', /choose another/), name);
  }
  await resolve('backup');
  await assert.rejects(keys.create({ name: 'Backup' }, actor), refusal('conflict', /choose another/));
  await assert.rejects(keys.create({ name: 'Alice' }, actor), refusal('conflict', /belongs to a user/));
});

test('refuses an invalid name', async (t) => {
  const { resolve } = await setUp(t);
  for (const name of ['', '*.example.com', 'a b', 'a:b', '-a', 'x'.repeat(65)]) {
    await assert.rejects(resolve(name), refusal('unprocessable', /cannot be a service/), name);
  }
});

test('a failed order registers no service', async (t) => {
  const { database, services } = await setUp(t);
  const order = database.write(async (tx) => {
    await services.resolve(tx, 'robot');
    throw new Error('the certificate was refused');
  });
  await assert.rejects(order, /refused/);
  assert.deepEqual(await services.list(), []);
});

test('a service can be removed once', async (t) => {
  const { database, resolve, services, published } = await setUp(t);
  await resolve('robot');
  assert.equal(await services.isActive(database.read, { kind: 'service', name: 'robot' }), true);
  await services.remove('robot', actor);
  assert.equal(await services.isActive(database.read, { kind: 'service', name: 'robot' }), false);
  assert.deepEqual(published.at(-1), {
    type: 'identity.service_removed',
    actor,
    outcome: 'success',
    subject: 'robot',
    data: {},
  });
  await assert.rejects(services.remove('robot', actor), refusal('not_found'));
});

test('an owner is active if it exists and is not disabled', async (t) => {
  const { database, createUser, services } = await setUp(t);
  await createUser('alice');
  await createUser('bob', true);
  const active = (name: string) => services.isActive(database.read, { kind: 'user', name });
  assert.deepEqual(await Promise.all(['alice', 'bob', 'carol'].map(active)), [true, false, false]);
});

test('an administrator registers a service, once, and sees its keys', async (t) => {
  const { services, keys, clock } = await setUp(t);
  const made = await services.create({ name: 'robot', roles: ['backup'] }, actor);
  assert.deepEqual(made, {
    name: 'robot',
    roles: ['backup'],
    createdAt: clock.now(),
    attributes: {},
    disabled: false,
  });
  await assert.rejects(services.create({ name: 'robot' }, actor), refusal('conflict', /already/));
  const { id } = await keys.create({ name: 'robot' }, actor);
  const { service, keys: found } = await services.show('robot');
  assert.deepEqual([service, found.map((key) => key.id), found[0]?.roles], [made, [id], ['backup']]);
  await assert.rejects(services.show('zoe'), refusal('not_found', /no service "zoe"/));
});
