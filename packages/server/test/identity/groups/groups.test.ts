// Groups: their members have their roles at once, in the section that the workers copy.
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { refusal } from '../../support/errors.ts';
import { ADMIN, openIdentity } from '../../support/identity.ts';

async function setUp(t: TestContext) {
  const identity = await openIdentity(t);
  const { feed, sections, createUser, groups } = identity;
  await feed.addSection(sections.users);
  for (const name of ['alice', 'bob']) await createUser(name);
  const create = (name: string, roles: string[], members: string[] = []) =>
    groups.create({ name, roles, members }, ADMIN);
  const change = (name: string, wanted: object) =>
    groups.change(name, { addMembers: [], removeMembers: [], ...wanted }, ADMIN);
  const facts = (name: string) => sections.users.entries.get(name);
  return { ...identity, create, change, facts };
}

test('a member has the roles of the group, until the member or the group is removed', async (t) => {
  const { create, change, groups, facts } = await setUp(t);
  await create('editors', ['user', 'editor'], ['alice']);
  assert.deepEqual(facts('alice')?.roles, ['user', 'editor']);
  assert.deepEqual(facts('alice')?.groups, ['editors']);
  assert.deepEqual(facts('bob')?.groups, undefined);
  await change('editors', { roles: ['auditor'], addMembers: ['bob'] });
  assert.deepEqual(facts('alice')?.roles, ['user', 'auditor']);
  assert.deepEqual(facts('bob')?.roles, ['user', 'auditor']);
  await change('editors', { removeMembers: ['alice'] });
  assert.deepEqual(facts('alice')?.roles, ['user']);
  await groups.remove('editors', ADMIN);
  assert.deepEqual([facts('bob')?.roles, facts('bob')?.groups], [['user'], undefined]);
});

test('the members of a disabled group do not have its roles, until it is enabled', async (t) => {
  const { create, change, groups, users, facts, feed, sections } = await setUp(t);
  await create('editors', ['editor'], ['alice']);
  await create('auditors', ['auditor'], ['alice']);
  assert.equal((await groups.setDisabled('editors', true, ADMIN)).disabled, true);
  assert.deepEqual([facts('alice')?.roles, facts('alice')?.groups], [['user', 'auditor'], ['auditors']]);
  await change('editors', { roles: ['admin'], addMembers: ['bob'] });
  assert.deepEqual([facts('bob')?.roles, facts('bob')?.groups], [['user'], undefined]);
  assert.deepEqual((await users.show('alice')).effectiveRoles, ['user', 'auditor']);
  const before = facts('alice');
  await feed.rebuild(sections.users);
  assert.deepEqual(facts('alice'), before);
  assert.equal((await groups.setDisabled('editors', false, ADMIN)).disabled, false);
  assert.deepEqual([facts('bob')?.roles, facts('bob')?.groups], [['user', 'admin'], ['editors']]);
  assert.deepEqual(facts('alice')?.roles, ['user', 'auditor', 'admin']);
  assert.equal(facts('alice')?.disabledGroups, undefined);
  await assert.rejects(groups.setDisabled('zoe', true, ADMIN), refusal('not_found', /no group "zoe"/));
});

test('a user shows their own roles and those with the groups', async (t) => {
  const { create, users } = await setUp(t);
  await create('editors', ['editor'], ['alice']);
  await create('auditors', ['auditor'], ['alice']);
  const { roles, groups, effectiveRoles } = await users.show('alice');
  assert.deepEqual([roles, groups], [['user'], ['auditors', 'editors']]);
  assert.deepEqual(effectiveRoles, ['user', 'auditor', 'editor']);
  const [alice, bob] = await users.list();
  assert.deepEqual([alice?.groups, bob?.groups], [['auditors', 'editors'], []]);
});

test('a section that is built again has the same groups', async (t) => {
  const { create, feed, sections, facts } = await setUp(t);
  await create('editors', ['editor'], ['alice', 'bob']);
  const before = facts('bob');
  await feed.rebuild(sections.users);
  assert.deepEqual(facts('bob'), before);
});

test('refuses a name that is taken, an unknown group and an unknown member, and changes nothing', async (t) => {
  const { create, change, groups, published } = await setUp(t);
  await create('editors', ['editor']);
  const count = published.length;
  await assert.rejects(create('editors', []), refusal('conflict', /group "editors" already/));
  await assert.rejects(change('zoe', {}), refusal('not_found', /no group "zoe"/));
  await assert.rejects(groups.show('zoe'), refusal('not_found'));
  await assert.rejects(groups.remove('zoe', ADMIN), refusal('not_found'));
  const wanted = { roles: ['admin'], addMembers: ['alice', 'zoe'] };
  await assert.rejects(change('editors', wanted), refusal('not_found', /no user "zoe"/));
  assert.deepEqual(await groups.show('editors').then(({ roles, members }) => ({ roles, members })), {
    roles: ['editor'],
    members: [],
  });
  assert.equal(published.length, count + 2, 'only acts that were undone');
});

test('adding a member twice, or removing a user who is no member, changes nothing', async (t) => {
  const { create, change, published } = await setUp(t);
  await create('editors', ['editor'], ['alice']);
  const count = published.length;
  await change('editors', { addMembers: ['alice'], removeMembers: ['bob'] });
  assert.equal(published.length, count);
});

test('a removed user leaves the groups, so the next user with the name is in none', async (t) => {
  const { create, users, groups, createUser } = await setUp(t);
  await create('editors', ['editor'], ['alice']);
  await users.remove('alice', ADMIN);
  assert.deepEqual((await groups.show('editors')).members, []);
  await createUser('alice');
  assert.deepEqual((await users.show('alice')).groups, []);
});

/** `alice` is an administrator by a group, and there is no other. */
async function setUpLastAdministrator(t: TestContext) {
  const identity = await setUp(t);
  await identity.create('admins', ['admin'], ['alice']);
  return identity;
}

type LastAdministrator = Awaited<ReturnType<typeof setUpLastAdministrator>>;

const LAST: [title: string, act: (identity: LastAdministrator, caution?: object) => Promise<unknown>][] = [
  ['disabling the user', ({ users }, keep) => users.setDisabled('alice', true, ADMIN, keep)],
  ['removing the user', ({ users }, keep) => users.remove('alice', ADMIN, keep)],
  ['disabling the group', ({ groups }, keep) => groups.setDisabled('admins', true, ADMIN, keep)],
  ['removing the group', ({ groups }, keep) => groups.remove('admins', ADMIN, keep)],
  ['removing the member', ({ groups }, keep) => groups.change('admins', withoutAlice, ADMIN, keep)],
  ['giving the group other roles', ({ groups }, keep) => groups.change('admins', withUser, ADMIN, keep)],
];
const KEEP = { keepAdministrator: true };
const withoutAlice = { addMembers: [], removeMembers: ['alice'] };
const withUser = { roles: ['Admin'], addMembers: [], removeMembers: [] };

for (const [title, act] of LAST) {
  test(`${title} is refused and changes nothing if no administrator remains and the caller wants to keep one`, async (t) => {
    const identity = await setUpLastAdministrator(t);
    const state = async () => [await identity.users.list(), await identity.groups.show('admins')];
    const before = await state();
    await assert.rejects(
      act(identity, KEEP),
      refusal('confirmation_required', /no active user has the role admin/),
    );
    assert.deepEqual(await state(), before);
    await act(identity);
    const after = identity.users.setRoles('bob', ['editor'], ADMIN, KEEP);
    assert.deepEqual((await after).roles, ['editor'], 'without an administrator, other acts need none');
  });

  test(`${title} is not refused if another user is an administrator, by a role that includes admin`, async (t) => {
    const identity = await setUpLastAdministrator(t);
    identity.roles.include(() => new Map([['chief', ['admin', 'user']]]));
    await identity.users.setRoles('bob', ['chief'], ADMIN);
    await act(identity, KEEP);
  });
}

test('of the last two administrators, only one can disable the other', async (t) => {
  const { users } = await setUpLastAdministrator(t);
  await users.setRoles('bob', ['admin'], ADMIN);
  const acts = ['alice', 'bob'].map((name) => users.setDisabled(name, true, ADMIN, KEEP));
  const results = await Promise.allSettled(acts);
  assert.deepEqual(results.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
  await assert.rejects(users.setRoles('bob', ['user'], ADMIN, KEEP), refusal('confirmation_required'));
});
