// Orders and authorizations that were made while the clock was ahead are not valid for longer than others.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { meetHttp01, startFlow } from '../support/flow.ts';

const HOUR_SECONDS = 3600;
const DAY_SECONDS = 24 * HOUR_SECONDS;
const NEW_AUTHZ = 'https://localhost:9443/acme/new-authz';

test('after the clock is corrected, an authorization that was validated a year ahead is valid for a day and reused for an hour', async (t) => {
  const { client, web, server } = await startFlow(t);
  const { clock } = server.store;
  clock.advance(365 * DAY_SECONDS);
  const order = await client.order(['localhost']);
  const [url = ''] = order.body.authorizations;
  assert.equal((await meetHttp01({ web, client }, url)).body.status, 'valid');
  const waiting = await client.order(['a.localhost']);
  clock.advance(-365 * DAY_SECONDS);
  await server.acme.start();

  const inADay = new Date(clock.now() + DAY_SECONDS * 1000).toISOString();
  assert.equal((await client.post(url, '')).body.expires, inADay);
  for (const { headers } of [order, waiting]) {
    assert.equal((await client.post(headers.get('location') ?? '', '')).body.expires, inADay);
  }
  assert.deepEqual((await client.order(['localhost'])).body.authorizations, [url]);
  clock.advance(HOUR_SECONDS);
  assert.notDeepEqual((await client.order(['localhost'])).body.authorizations, [url]);
  clock.advance(23 * HOUR_SECONDS);
  assert.equal((await client.post(url, '')).body.status, 'expired');
});

test('an authorization that was made before the clock was ahead, and validated while it was, is limited as well', async (t) => {
  const { client, web, server } = await startFlow(t);
  const { clock } = server.store;
  const created = await client.post(NEW_AUTHZ, { identifier: { type: 'dns', value: 'localhost' } });
  const url = created.headers.get('location') ?? '';
  clock.advance(23 * HOUR_SECONDS);
  assert.equal((await meetHttp01({ web, client }, url)).body.status, 'valid');
  clock.advance(-23 * HOUR_SECONDS);
  const limit = server.acme.jobs.find(({ name }) => name.includes('clock'));
  await limit?.run();
  const { body } = await client.post(url, '');
  assert.equal(body.expires, new Date(clock.now() + DAY_SECONDS * 1000).toISOString());
});
