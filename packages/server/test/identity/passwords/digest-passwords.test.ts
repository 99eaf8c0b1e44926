// Passwords for Digest: shown once, sealed at rest, copied to the workers, and removed with their user.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { digestSecret } from '@gatehouse/access';
import { createDigestPasswords } from '../../../src/identity/passwords/digest-passwords.ts';
import { createDigestSection } from '../../../src/identity/passwords/digest-section.ts';
import { createIdentityStore } from '../../../src/identity/store/store.ts';
import type { Actor } from '../../../src/platform/feed/events.ts';
import { refusal } from '../../support/errors.ts';
import { createStore } from '../../support/store.ts';

const actor: Actor = { kind: 'user', name: 'admin', address: '127.0.0.1' };

async function setUp(t: TestContext, names: readonly string[] = ['alice']) {
  const foundation = await createStore(t);
  const { database, feed } = foundation;
  const store = createIdentityStore(database);
  for (const name of names) {
    const kept = { passwordHash: '', attributes: {}, disabled: false, createdAt: 1, tokenEpoch: 1 };
    const user = { name, roles: ['user'], ...kept };
    await database.write((tx) => store.insertUser(tx, user));
  }
  const passwords = createDigestPasswords({ ...foundation, store });
  const section = createDigestSection(database, store, passwords);
  await feed.addSection(section);
  return { ...foundation, store, passwords, section };
}

test('the section has H(A1) of the password for each algorithm; the event does not', async (t) => {
  const { passwords, section, published } = await setUp(t);
  const password = await passwords.create('alice', actor);
  assert.match(password, /^ghp_[a-z2-7]{32}$/);
  assert.deepEqual(section.entries.get('alice'), {
    'SHA-256': digestSecret('SHA-256', 'alice', password),
    'SHA-512-256': digestSecret('SHA-512-256', 'alice', password),
    MD5: digestSecret('MD5', 'alice', password),
  });
  assert.deepEqual(published, [
    { type: 'identity.digest_password_changed', actor, outcome: 'success', subject: 'alice', data: {} },
  ]);
});

test('a new password replaces the previous one', async (t) => {
  const { passwords, section } = await setUp(t);
  const first = await passwords.create('alice', actor);
  const second = await passwords.create('alice', actor);
  assert.notEqual(first, second);
  assert.equal(section.entries.get('alice')?.['SHA-256'], digestSecret('SHA-256', 'alice', second));
});

test('neither the password nor H(A1) is in the database', async (t) => {
  const { passwords, folder, database } = await setUp(t);
  const password = await passwords.create('alice', actor);
  await database.write(async () => {});
  const files = ['gatehouse.db', 'gatehouse.db-wal'].map((name) => readFileSync(folder.file(name)));
  const octets = Buffer.concat(files);
  assert.ok(octets.includes('digest_passwords'), 'the test reads the right files');
  assert.ok(!octets.includes(password));
  assert.ok(!octets.includes(digestSecret('SHA-256', 'alice', password)));
});

test('is gone when it or its user is removed', async (t) => {
  const { passwords, section, events, database } = await setUp(t, ['alice', 'bob']);
  for (const name of ['alice', 'bob']) await passwords.create(name, actor);
  await passwords.remove('alice', actor);
  assert.deepEqual([...section.entries.keys()], ['bob']);
  const removed = {
    type: 'identity.user_removed',
    actor,
    outcome: 'success',
    subject: 'bob',
    data: {},
  } as const;
  await database.write((tx) => events.publish(tx, removed));
  assert.deepEqual([...section.entries.keys()], []);
  assert.equal(await passwords.facts('bob'), undefined);
});

test('the section is built from the store at a start', async (t) => {
  const { passwords, section, database, store } = await setUp(t, ['alice', 'bob']);
  for (const name of ['alice', 'bob']) await passwords.create(name, actor);
  const again = createDigestSection(database, store, passwords);
  await again.build(database.read);
  assert.deepEqual(again.entries, section.entries);
});

test('refuses an unknown user, and refuses to remove a password that does not exist', async (t) => {
  const { passwords } = await setUp(t);
  await assert.rejects(passwords.create('zoe', actor), refusal('not_found', /no user "zoe"/));
  await assert.rejects(passwords.remove('alice', actor), refusal('not_found', /has no digest password/));
});
