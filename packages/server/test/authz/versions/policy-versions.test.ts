// Versions of the policies, on a real store.
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { createAppliedPolicies } from '../../../src/authz/versions/applied-policies.ts';
import { DEFAULT_VERSION } from '../../../src/authz/versions/default-policies.ts';
import { createPolicyReader } from '../../../src/authz/versions/policy-reader.ts';
import { createPolicyVersions } from '../../../src/authz/versions/policy-versions.ts';
import { refusal } from '../../support/errors.ts';
import { ADMIN } from '../../support/identity.ts';
import { createStore } from '../../support/store.ts';
import { FACTS, readHere } from '../support.ts';

const READERS = 'permit (principal in Role::"reader", action == Action::"GET", resource);';
const NONE = 'forbid (principal, action, resource);';

async function setUp(t: TestContext) {
  const store = await createStore(t);
  const applied = createAppliedPolicies(store.database, DEFAULT_VERSION);
  await store.feed.project(applied);
  const versions = createPolicyVersions({
    ...store,
    applied,
    facts: () => FACTS,
    read: createPolicyReader(readHere),
  });
  const apply = (text: string, note = '') =>
    versions.apply({ files: [{ name: 'own.cedar', text }], note }, ADMIN);
  const ids = () => [...applied.current.compiled.keys()];
  return { ...store, applied, versions, apply, ids };
}

test('the default is in force until policies are applied, which replace it as a whole', async (t) => {
  const { apply, ids, applied, published } = await setUp(t);
  assert.deepEqual([applied.current.version, ids()], [0, ['default:admin', 'default:user']]);
  const { version, changed, policies } = await apply(READERS, 'first');
  assert.deepEqual([version, changed, policies], [1, true, 1]);
  assert.deepEqual(ids(), ['own.cedar#1'], 'in force before the answer');
  const [event] = published;
  assert.deepEqual(
    [event?.type, event?.data.version, event?.data.note],
    ['authz.policies_applied', 1, 'first'],
  );
});

test('equal files change nothing and create no version', async (t) => {
  const { apply, versions, published } = await setUp(t);
  await apply(READERS);
  assert.equal((await apply(READERS)).changed, false);
  assert.equal((await versions.history(10)).length, 1);
  assert.equal(published.length, 1);
});

test('refuses policies that are not valid, with the place of each mistake, and leaves the last valid ones in force', async (t) => {
  const { apply, ids, versions } = await setUp(t);
  await apply(READERS);
  const bad = 'permit (principal, action, resource) when { context.nonsense };\nforbid (principal action);';
  await assert.rejects(apply(bad), refusal('policy_invalid', /own\.cedar:1:\d+: .*\n.*own\.cedar:2:\d+: /));
  assert.deepEqual(ids(), ['own.cedar#1']);
  assert.equal((await versions.history(10)).length, 1);
});

test('a rollback applies the files of an earlier version again, as a new version', async (t) => {
  const { apply, versions, ids, applied } = await setUp(t);
  await apply(READERS);
  await apply(NONE);
  const { version, note } = await versions.rollback(1, ADMIN);
  assert.deepEqual([version, note], [3, 'rollback to version 1']);
  assert.equal(applied.current.files[0]?.text, READERS);
  await versions.rollback(0, ADMIN);
  assert.deepEqual(ids(), ['default:admin', 'default:user'], 'version 0 is the default');
  const numbers = (await versions.history(10)).map((each) => each.version);
  assert.deepEqual(numbers, [4, 3, 2, 1]);
});

test('a version shows its files, and one that does not exist is refused', async (t) => {
  const { apply, versions } = await setUp(t);
  await apply(READERS);
  await apply(NONE);
  assert.deepEqual((await versions.show(1)).files, [{ name: 'own.cedar', text: READERS }]);
  assert.equal((await versions.show(0)).files[0]?.name, 'default.cedar');
  await assert.rejects(versions.show(9), refusal('not_found', /no version 9/));
});

test('two calls that apply at once create two versions, and the later one is in force', async (t) => {
  const { apply, applied, versions } = await setUp(t);
  const [one, other] = await Promise.all([apply(READERS), apply(NONE)]);
  assert.deepEqual([one?.version, other?.version].sort(), [1, 2]);
  assert.deepEqual(applied.current.files, (await versions.show(2)).files);
});

test('the applied version survives a restart', async (t) => {
  const { apply, database, feed } = await setUp(t);
  await apply(READERS);
  const again = createAppliedPolicies(database, DEFAULT_VERSION);
  await feed.project(again);
  assert.deepEqual([...again.current.compiled.keys()], ['own.cedar#1']);
});
