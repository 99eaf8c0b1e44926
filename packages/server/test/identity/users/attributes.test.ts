// Attributes of users and services: in force at once, with types and limits.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createServices } from '../../../src/identity/services/services.ts';
import { attributeChange, changedAttributes } from '../../../src/identity/users/attributes.ts';
import { refusal } from '../../support/errors.ts';
import { ADMIN, openIdentity } from '../../support/identity.ts';

test('attributes of a user are in force at once, and the ledger has the change', async (t) => {
  const { users, sections, feed, createUser, published } = await openIdentity(t);
  await feed.addSection(sections.users);
  await createUser('alice');
  const facts = () => sections.users.entries.get('alice');
  assert.equal(facts()?.attributes, undefined);
  const set = { department: 'sales', level: 3, areas: ['a', 'b'], on: true };
  await users.changeAttributes('alice', { set, remove: [] }, ADMIN);
  assert.deepEqual(facts()?.attributes, set);
  assert.deepEqual(published.at(-1)?.data, { set, remove: [] });
  await users.changeAttributes('alice', { set: { level: 4 }, remove: ['areas', 'on', 'unknown'] }, ADMIN);
  assert.deepEqual(facts()?.attributes, { department: 'sales', level: 4 });
  const unknown = users.changeAttributes('zoe', { set, remove: [] }, ADMIN);
  await assert.rejects(unknown, refusal('not_found'));
});

test('a service has attributes, and can be disabled', async (t) => {
  const identity = await openIdentity(t);
  const { sections, feed, database } = identity;
  const services = createServices(identity);
  await feed.addSection(sections.services);
  await services.create({ name: 'robot' }, ADMIN);
  const facts = () => sections.services.entries.get('robot');
  await services.changeAttributes('robot', { set: { tier: 2 }, remove: [] }, ADMIN);
  assert.deepEqual(facts(), { roles: ['user'], attributes: { tier: 2 } });
  await services.setDisabled('robot', true, ADMIN);
  assert.equal(facts()?.disabled, true);
  assert.equal(await services.isActive(database.read, { kind: 'service', name: 'robot' }), false);
  const certificate = database.write((tx) => services.resolve(tx, 'robot'));
  await assert.rejects(certificate, refusal('conflict', /"robot" is disabled/));
  await services.setDisabled('robot', false, ADMIN);
  assert.equal(facts()?.disabled, undefined);
  await assert.rejects(services.setDisabled('zoe', true, ADMIN), refusal('not_found'));
});

test('accepts texts, whole numbers, booleans and lists of texts under plain names', () => {
  const isValid = (set: unknown) => attributeChange.safeParse({ set }).success;
  for (const value of ['', 'text', 0, -3, true, [], ['a']]) assert.ok(isValid({ label: value }));
  for (const value of [null, 1.5, 2 ** 60, {}, [1], [['a']], 'x'.repeat(1025)]) {
    assert.ok(!isValid({ label: value }), JSON.stringify(value));
  }
  for (const name of ['', '_x', '1x', 'a-b', 'a.b', 'x'.repeat(65)]) {
    assert.ok(!isValid({ [name]: 1 }), name);
  }
  const { set } = attributeChange.parse(JSON.parse('{"set":{"__proto__":{"a":1}}}'));
  assert.deepEqual(Object.keys(set), []);
});

test('a user has 64 attributes at most', () => {
  const many = Object.fromEntries(Array.from({ length: 64 }, (_, index) => [`a${index}`, index]));
  assert.equal(Object.keys(changedAttributes({}, { set: many, remove: [] })).length, 64);
  const more = () => changedAttributes(many, { set: { another: 1 }, remove: [] });
  assert.throws(more, refusal('unprocessable', /64 attributes at most/));
  assert.doesNotThrow(() => changedAttributes(many, { set: { another: 1 }, remove: ['a0'] }));
});

test('the attribute with which policies read the name cannot be set', () => {
  const set = (name: string) => attributeChange.safeParse({ set: { [name]: 'bob' } }).success;
  assert.equal(set('name'), false);
  assert.equal(set('names'), true);
});
