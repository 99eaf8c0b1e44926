// ACME in the admin API: accounts and orders in pages. Keys of external accounts are in accounts.test.ts.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { challengePath } from './support/challenges.ts';
import { createClient } from './support/client.ts';
import { challengeOf, obtain, startFlow } from './support/flow.ts';

interface Page {
  accounts: Record<string, unknown>[];
  orders: Record<string, unknown>[];
  next: string | null;
}

test('accounts are listed newest first, in pages', async (t) => {
  const { server, client } = await startFlow(t);
  const ids = [client.kid?.split('/').at(-1)];
  for (let count = 0; count < 2; count += 1) {
    server.store.clock.advance(1);
    const other = await createClient(server);
    await other.register({ contact: ['mailto:a@example.com'] });
    ids.unshift(other.kid?.split('/').at(-1));
  }
  const list = async (query: string) =>
    (await server.send('GET', `/admin/acme/accounts${query}`)).json as unknown as Page;
  const first = await list('?limit=2');
  assert.deepEqual(
    first.accounts.map(({ id }) => id),
    ids.slice(0, 2),
  );
  const second = await list(`?limit=2&after=${first.next}`);
  assert.deepEqual(second.accounts, [
    {
      id: ids[2],
      status: 'valid',
      contact: [],
      owner: null,
      eabKid: null,
      keyThumbprint: client.key.thumbprint,
      createdAt: '2026-03-01T12:00:00.000Z',
    },
  ]);
  assert.equal(second.next, null);
});

test('orders are listed with their status', async (t) => {
  const flow = await startFlow(t);
  const { serialNumber } = await obtain(flow, ['localhost']);
  flow.server.store.clock.advance(1);
  const failed = await flow.client.order(['a.localhost']);
  const { body } = await flow.client.post(failed.body.authorizations[0] ?? '');
  const { token, url } = challengeOf(body, 'http-01');
  flow.web.files.set(challengePath(token), 'wrong');
  await flow.client.post(url, {});
  const { json } = await flow.server.send('GET', '/admin/acme/orders');
  const [last, first] = (json as unknown as Page).orders;
  const account = flow.client.kid?.split('/').at(-1);
  assert.deepEqual(
    [first?.status, first?.serial, first?.account, first?.names],
    ['valid', serialNumber, account, ['localhost']],
  );
  assert.equal(last?.status, 'invalid');
  assert.match(JSON.stringify(last?.error), /unauthorized/);
});

test('names of owners and page sizes are checked', async (t) => {
  const { server } = await startFlow(t);
  const headers = { 'content-type': 'application/json' };
  for (const body of ['{}', '{"name":""}', '{"name":"a b"}', '{"name":"a","x":1}']) {
    assert.equal((await server.send('POST', '/admin/acme/eab', { headers, body })).status, 422);
  }
  assert.equal((await server.send('GET', '/admin/acme/orders?limit=0')).status, 422);
});
