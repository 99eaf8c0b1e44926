// Links with sign-in providers: one user for a subject, one subject of a provider for a user, and their end.
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { createLinks, followLinks } from '../../../src/identity/providers/links.ts';
import { createLinkQueries } from '../../../src/identity/store/link-queries.ts';
import type { Actor, DomainEvent } from '../../../src/platform/feed/events.ts';
import { refusal } from '../../support/errors.ts';
import { createStore } from '../../support/store.ts';

const actor: Actor = { kind: 'user', name: 'alice', address: '192.0.2.7' };
const SUBJECT = { provider: 'sso', issuer: 'https://sso.example', subject: 's1' };

async function setUp(t: TestContext) {
  const foundation = await createStore(t);
  const store = createLinkQueries();
  const ended: unknown[] = [];
  const links = createLinks({
    ...foundation,
    store,
    sessions: {
      async endThrough(_tx, from, { except }) {
        ended.push([from, except]);
        return 1;
      },
    },
  });
  followLinks({ ...foundation, store });
  const add = (user: string, more: object = {}) =>
    foundation.database.write((tx) => links.add(tx, { ...SUBJECT, ...more, user, label: null }, actor));
  const publish = (type: DomainEvent['type'], subject: string, data: DomainEvent['data'] = {}) =>
    foundation.database.write((tx) =>
      foundation.events.publish(tx, { type, actor, outcome: 'success', subject, data }),
    );
  return { ...foundation, links, ended, add, publish };
}

test('a subject is linked with one user, and a user with one subject of a provider', async (t) => {
  const { links, add } = await setUp(t);
  await add('alice');
  assert.equal((await links.find(SUBJECT))?.user, 'alice');
  await assert.rejects(add('bob'), refusal('conflict'));
  await assert.rejects(add('alice', { subject: 's2' }), refusal('conflict'));
  await add('alice', { provider: 'other' });
  assert.deepEqual(
    (await links.listOf('alice')).map(({ provider }) => provider),
    ['other', 'sso'],
  );
});

test('the same subject of another provider or another issuer is another person', async (t) => {
  const { links, add } = await setUp(t);
  await add('alice');
  assert.equal(await links.find({ ...SUBJECT, provider: 'other' }), undefined);
  assert.equal(await links.find({ ...SUBJECT, issuer: 'https://sso.example/' }), undefined);
});

test('removing a link ends the sessions that came from it, except the current one', async (t) => {
  const { links, add, ended, published } = await setUp(t);
  await add('alice');
  await links.remove({ user: 'alice', provider: 'sso' }, actor, 'own');
  assert.deepEqual(ended, [[{ provider: 'sso', subject: 's1' }, 'own']]);
  assert.deepEqual(
    published.map(({ type, subject, data }) => [type, subject, data.sub]),
    [
      ['identity.provider_linked', 'alice', 's1'],
      ['identity.provider_unlinked', 'alice', 's1'],
    ],
  );
  await assert.rejects(links.remove({ user: 'alice', provider: 'sso' }, actor), refusal('not_found'));
});

test('removing a user removes the links', async (t) => {
  const { links, add, publish } = await setUp(t);
  await add('alice');
  await add('bob', { subject: 's2' });
  await publish('identity.user_removed', 'alice');
  assert.deepEqual([await links.find(SUBJECT), await links.listOf('alice')], [undefined, []]);
  assert.equal((await links.listOf('bob')).length, 1);
});

test('a sign-in records the use of the link, and is refused if the link was removed', async (t) => {
  const { links, add, publish, clock } = await setUp(t);
  await add('alice');
  clock.advance(60);
  const data = { provider: 'sso', sub: 's1' };
  await publish('identity.sign_in', 'alice', data);
  assert.equal((await links.find(SUBJECT))?.lastUsedAt, clock.now());
  await links.remove({ user: 'alice', provider: 'sso' }, actor);
  await assert.rejects(publish('identity.sign_in', 'alice', data), refusal('account_not_linked'));
});
