// Users: the effect of each act, its entry in the ledger, and what a sign-in reveals.
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import type { PasswordHasher } from '../../../src/identity/passwords/password-hash.ts';
import { createPasswordRules } from '../../../src/identity/passwords/password-rules.ts';
import { createIdentitySections } from '../../../src/identity/sections.ts';
import { createIdentityStore } from '../../../src/identity/store/store.ts';
import { createAdministrators } from '../../../src/identity/users/administrators.ts';
import { createUsers } from '../../../src/identity/users/users.ts';
import type { Actor } from '../../../src/platform/feed/events.ts';
import { createKnownRoles } from '../../../src/platform/known-roles.ts';
import { refusal } from '../../support/errors.ts';
import { createStore } from '../../support/store.ts';

const actor: Actor = { kind: 'operator', name: 'local', address: 'socket' };
const ADDRESS = { address: '192.0.2.7' };
const PASSWORD = 'correct horse';

/** Stores passwords without hashing, and records the calls. */
function createOpenHasher() {
  const verified: { password: string; known: boolean }[] = [];
  const hasher: PasswordHasher = {
    hash: async (password) => `hash of ${password}`,
    async verify(password, hash) {
      verified.push({ password, known: hash !== undefined });
      if (hash === `old hash of ${password}`) return 'outdated';
      return hash === `hash of ${password}` ? 'right' : 'wrong';
    },
  };
  return { hasher, verified };
}

async function setUp(t: TestContext) {
  const foundation = await createStore(t);
  const { hasher, verified } = createOpenHasher();
  const announced: (string | null)[] = [];
  const initialPassword = {
    announce: (password: string) => void announced.push(password),
    forget: () => void announced.push(null),
  };
  const store = createIdentityStore(foundation.database);
  const rules = createPasswordRules({
    minLength: 8,
    minLengthAlone: 8,
    isCommon: async (text) => text === 'a common one',
  });
  const administrators = createAdministrators({ store, roles: createKnownRoles() });
  const users = createUsers({ ...foundation, store, hasher, rules, initialPassword, administrators });
  const create = (name: string, roles = ['user']) => users.create({ name, password: PASSWORD, roles }, actor);
  return { ...foundation, store, users, create, verified, announced };
}

test('creates a user; the ledger names who did it, without the password', async (t) => {
  const { users, create, published, clock } = await setUp(t);
  await create('alice', ['user', 'admin']);
  const [alice] = await users.list();
  assert.deepEqual(alice && { ...alice, tokenEpoch: 0 }, {
    name: 'alice',
    roles: ['user', 'admin'],
    passwordHash: `hash of ${PASSWORD}`,
    disabled: false,
    createdAt: clock.now(),
    tokenEpoch: 0,
    attributes: {},
    groups: [],
    disabledGroups: [],
    effectiveRoles: ['user', 'admin'],
  });
  assert.deepEqual(published, [
    {
      type: 'identity.user_created',
      actor,
      outcome: 'success',
      subject: 'alice',
      data: { roles: ['user', 'admin'] },
    },
  ]);
});

test('refuses the name of a user or a service, also for two requests at once', async (t) => {
  const { create, database, store, published } = await setUp(t);
  await database.write((tx) => store.claimName(tx, 'robot'));
  await assert.rejects(create('Robot'), refusal('conflict', /"Robot" is taken/));
  const results = await Promise.allSettled([create('alice'), create('alice')]);
  assert.deepEqual(results.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
  assert.equal(published.length, 1);
});

test('refuses a password that is too short or too long, and counts whole characters', async (t) => {
  const { users } = await setUp(t);
  const withPassword = (password: string) =>
    users.create({ name: 'alice', password, roles: ['user'] }, actor);
  await assert.rejects(
    withPassword('seven77'),
    refusal('unprocessable', /8 to 1024 characters; this one has 7/),
  );
  await assert.rejects(withPassword('🔑'.repeat(7)), refusal('unprocessable', /has 7/));
  await assert.rejects(withPassword('x'.repeat(1025)), refusal('unprocessable', /has 1025/));
  await withPassword('xyz '.repeat(256));
});

test('removes a user; an unknown user is not_found', async (t) => {
  const { users, create, published } = await setUp(t);
  await create('alice');
  await users.remove('alice', actor);
  assert.deepEqual(await users.list(), []);
  assert.deepEqual(published.at(-1), {
    type: 'identity.user_removed',
    actor,
    outcome: 'success',
    subject: 'alice',
    data: {},
  });
  await assert.rejects(users.remove('alice', actor), refusal('not_found', /no user "alice"/));
  assert.equal(published.length, 2);
});

test('a new password replaces the old one and voids the tokens, even those of the same moment', async (t) => {
  const { users, create, published } = await setUp(t);
  const { tokenEpoch } = await create('alice');
  await users.setPassword('alice', 'battery staple', actor);
  const changed = await users.checkPassword('alice', 'battery staple', ADDRESS);
  assert.ok(changed);
  assert.notEqual(changed.tokenEpoch, tokenEpoch);
  assert.equal(await users.checkPassword('alice', PASSWORD, ADDRESS), undefined);
  assert.equal(published.at(-1)?.type, 'identity.password_changed');
  await users.setPassword('alice', 'battery staple', actor);
  assert.notEqual(
    (await users.checkPassword('alice', 'battery staple', ADDRESS))?.tokenEpoch,
    changed.tokenEpoch,
  );
});

test('a new user with the name of a removed one has another epoch, even in the same moment', async (t) => {
  const { users, create } = await setUp(t);
  const { tokenEpoch } = await create('alice');
  await users.remove('alice', actor);
  assert.notEqual((await create('alice')).tokenEpoch, tokenEpoch);
});

test('refuses a new password for an unknown user, and one that is too short', async (t) => {
  const { users, create } = await setUp(t);
  await create('alice');
  await assert.rejects(users.setPassword('bob', PASSWORD, actor), refusal('not_found'));
  await assert.rejects(users.setPassword('alice', 'short', actor), refusal('unprocessable'));
  assert.ok(await users.checkPassword('alice', PASSWORD, ADDRESS));
});

test('every sign-in costs one check of a password', async (t) => {
  const { users, create, database, store, verified } = await setUp(t);
  await create('alice');
  await create('mallory');
  const mallory = await store.user(database.read, 'mallory');
  assert.ok(mallory);
  await database.write(async (tx) => {
    await store.deleteUser(tx, 'mallory');
    await store.insertUser(tx, { ...mallory, disabled: true });
  });
  const tries: [string, string, boolean][] = [
    ['alice', PASSWORD, true],
    ['alice', 'something else', false],
    ['unknown', PASSWORD, false],
    ['mallory', PASSWORD, false],
    ['alice', 'x'.repeat(100_000), false],
    ['unknown', 'x'.repeat(100_000), false],
  ];
  for (const [name, password, admitted] of tries) {
    verified.length = 0;
    assert.equal((await users.checkPassword(name, password, ADDRESS)) !== undefined, admitted, name);
    assert.equal(verified.length, 1);
    assert.equal(verified[0]?.known, name !== 'unknown');
    assert.ok((verified[0]?.password.length ?? 0) <= 1024, 'hashes no more than a password may have');
  }
});

test('the first start creates the administrator, and announces the password before the user exists', async (t) => {
  const { database, users, announced, published, store } = await setUp(t);
  await users.createAdministrator();
  const [password] = announced;
  assert.match(password ?? '', /^[a-z2-7]{24}$/);
  const admin = await users.checkPassword('admin', password ?? '', ADDRESS);
  assert.deepEqual(admin?.roles, ['admin']);
  assert.deepEqual(published.at(-1)?.actor, { kind: 'system', name: 'gatehouse' });
  await users.createAdministrator();
  assert.equal(announced.length, 1);
  assert.equal((await store.users(database.read)).length, 1);
});

test('the announced password is removed when it was replaced or its user removed', async (t) => {
  const { users, announced, create } = await setUp(t);
  await users.createAdministrator();
  await create('alice');
  await users.setPassword('alice', 'battery staple', actor);
  assert.equal(announced.length, 1);
  await users.setPassword('admin', 'battery staple', actor);
  assert.deepEqual(announced.slice(1), [null]);
  await users.remove('alice', actor);
  assert.deepEqual(announced.slice(1), [null]);
  await users.remove('admin', actor);
  assert.deepEqual(announced.slice(1), [null, null]);
});

test('an act that the ledger cannot record does not happen', async (t) => {
  const { users, create, events } = await setUp(t);
  await create('alice');
  events.subscribe(() => Promise.reject(new Error('the ledger is full')));
  await assert.rejects(create('bob'), /ledger is full/);
  await assert.rejects(users.remove('alice', actor), /ledger is full/);
  await assert.rejects(users.setPassword('alice', 'battery staple', actor), /ledger is full/);
  assert.deepEqual(
    (await users.list()).map(({ name }) => name),
    ['alice'],
  );
  assert.ok(await users.checkPassword('alice', PASSWORD, ADDRESS));
});

test('other roles are in force at once, and the ledger has them', async (t) => {
  const { users, create, published, database, feed, store, clock } = await setUp(t);
  const sections = createIdentitySections(database, store, clock);
  await feed.addSection(sections.users);
  await create('alice');
  assert.deepEqual((await users.setRoles('alice', ['auditor'], actor)).roles, ['auditor']);
  assert.deepEqual(sections.users.entries.get('alice')?.roles, ['auditor']);
  assert.deepEqual(published.at(-1), {
    type: 'identity.user_roles_changed',
    actor,
    outcome: 'success',
    subject: 'alice',
    data: { roles: ['auditor'] },
  });
  await assert.rejects(users.setRoles('zoe', ['user'], actor), refusal('not_found', /no user "zoe"/));
});

test('a disabled user cannot sign in; earlier tokens stay void when the user is enabled again', async (t) => {
  const { users, create, published, database, feed, store, clock } = await setUp(t);
  const sections = createIdentitySections(database, store, clock);
  await feed.addSection(sections.users);
  const { tokenEpoch } = await create('alice');
  assert.equal((await users.setDisabled('alice', true, actor)).disabled, true);
  assert.equal(sections.users.entries.get('alice')?.disabled, true);
  assert.equal(await users.checkPassword('alice', PASSWORD, ADDRESS), undefined);
  await users.setDisabled('alice', false, actor);
  assert.notEqual((await users.show('alice')).tokenEpoch, tokenEpoch);
  assert.equal((await users.checkPassword('alice', PASSWORD, ADDRESS))?.name, 'alice');
  const types = published.slice(-2).map(({ type }) => type);
  assert.deepEqual(types, ['identity.user_disabled', 'identity.user_enabled']);
  await assert.rejects(users.setDisabled('zoe', true, actor), refusal('not_found'));
  await assert.rejects(users.show('zoe'), refusal('not_found'));
});

test('a right password whose hash is outdated is hashed again at the sign-in, without voiding tokens', async (t) => {
  const { users, create, database, store } = await setUp(t);
  const { tokenEpoch } = await create('alice');
  await database.write((tx) =>
    store.setPassword(tx, 'alice', { passwordHash: `old hash of ${PASSWORD}`, tokenEpoch }),
  );
  assert.equal(await users.checkPassword('alice', 'wrong', ADDRESS), undefined);
  assert.equal((await store.user(database.read, 'alice'))?.passwordHash, `old hash of ${PASSWORD}`);
  assert.equal((await users.checkPassword('alice', PASSWORD, ADDRESS))?.name, 'alice');
  const renewed = await store.user(database.read, 'alice');
  assert.deepEqual([renewed?.passwordHash, renewed?.tokenEpoch], [`hash of ${PASSWORD}`, tokenEpoch]);
});

test('refuses a password that attackers try first, for a new user and for a change', async (t) => {
  const { users, create } = await setUp(t);
  await create('alice');
  const refused = refusal('unprocessable', /is a common password/);
  await assert.rejects(users.setPassword('alice', 'A Common One', actor), refused);
  const bob = { name: 'bob', password: 'a common one', roles: ['user'] };
  await assert.rejects(users.create(bob, actor), refused);
});

test('a password change whose guard throws changes nothing, also if another one came first', async (t) => {
  const { users, create, store, database } = await setUp(t);
  await create('alice');
  const epoch = await users.setPassword('alice', 'by an administrator', actor);
  const guard = async () => {
    throw new Error('the session has ended');
  };
  await assert.rejects(users.setPassword('alice', 'by a thief', actor, guard), /the session has ended/);
  const alice = await store.user(database.read, 'alice');
  assert.deepEqual([alice?.passwordHash, alice?.tokenEpoch], ['hash of by an administrator', epoch]);
});
