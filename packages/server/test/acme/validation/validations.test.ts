// Validations over time (RFC 8555 §7.5.1, §8.2): slow validations, unfinished ones of an earlier process, and
// authorizations that end during their validation.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { CONNECTIONS_TO_ADDRESS, VALIDATIONS, VALIDATIONS_OF_ADDRESS } from '../../../src/acme/limits.ts';
import { createResolver } from '../../../src/acme/validation/resolver.ts';
import { createTargets } from '../../../src/acme/validation/target.ts';
import { challengePath } from '../support/challenges.ts';
import { createClient } from '../support/client.ts';
import { challengeOf, meetHttp01, startFlow } from '../support/flow.ts';
import { assertProblem, startAcme } from '../support/server.ts';

/** An order for localhost whose http-01 challenge hangs until `release` is called. */
async function startHanging(t: Parameters<typeof startFlow>[0]) {
  const flow = await startFlow(t);
  const order = await flow.client.order(['localhost']);
  const authorization = order.body.authorizations[0] ?? '';
  const { body } = await flow.client.post(authorization);
  const { token, url } = challengeOf(body, 'http-01');
  const held: (() => void)[] = [];
  let isOpen = false;
  flow.web.handle = (_request, response) => {
    const finish = () => response.end(flow.client.keyAuthorization(token));
    if (isOpen) finish();
    else held.push(finish);
  };
  const release = () => {
    isOpen = true;
    for (const finish of held.splice(0)) finish();
  };
  return { ...flow, order, authorization, token, url, release };
}

async function until(isTrue: () => Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    if (await isTrue()) return;
    await delay(20);
  }
  assert.fail('it did not happen in time');
}

test('a slow validation is processing after a second, and valid when it is done', async (t) => {
  const { client, authorization, url, release, web } = await startHanging(t);
  const answer = await client.post(url, {});
  assert.equal(answer.body.status, 'processing');
  assert.equal(answer.headers.get('retry-after'), '1');
  const waiting = await client.post(authorization);
  assert.equal(waiting.body.status, 'pending');
  assert.equal(waiting.headers.get('retry-after'), '1');
  const again = client.post(url, {});
  release();
  assert.equal((await again).body.status, 'valid');
  assert.equal((await client.post(authorization)).body.status, 'valid');
  assert.equal(web.requests.length, 1);
});

test('while one challenge is validated, another of the same authorization is refused', async (t) => {
  const { client, url, release, web } = await startHanging(t);
  const first = client.post(url, {});
  await until(async () => web.requests.length > 0);
  const answer = await client.post(url.replace('http-01', 'tls-alpn-01'), {});
  assertProblem(answer, 'malformed', 400, /http-01/);
  release();
  assert.equal((await first).body.status, 'valid');
});

test('the next process resumes unfinished validations', async (t) => {
  const { server, web, client, authorization, url, release } = await startHanging(t);
  assert.equal((await client.post(url, {})).body.status, 'processing');
  await server.acme.close();
  release();
  const next = await startAcme(t, { httpPort: web.port }, server);
  const { send } = next;
  server.send = send;
  assert.equal((await client.post(authorization)).body.status, 'pending');
  await next.acme.start();
  await until(async () => (await client.post(authorization)).body.status === 'valid');
});

test('a client can answer a challenge again if it was stopped before the client got an answer', async (t) => {
  const { server, web, client, authorization, url, release } = await startHanging(t);
  const broken = client.post(url, {});
  await until(async () => web.requests.length === 1);
  await server.acme.close();
  assert.equal((await broken).body.status, 'pending');
  release();
  server.send = (await startAcme(t, { httpPort: web.port }, server)).send;
  assert.equal((await client.post(authorization)).body.status, 'pending');
  assert.equal((await client.post(url, {})).body.status, 'valid');
});

test('an authorization that is deactivated during its validation stays so (RFC 8555 §7.5.2)', async (t) => {
  const { server, client, authorization, url, order, release } = await startHanging(t);
  assert.equal((await client.post(url, {})).body.status, 'processing');
  assert.equal((await client.post(authorization, { status: 'deactivated' })).body.status, 'deactivated');
  release();
  await delay(100);
  assert.equal((await client.post(authorization)).body.status, 'deactivated');
  assert.equal((await client.post(order.headers.get('location') ?? '')).body.status, 'invalid');
  assert.deepEqual(server.log.lines(), []);
});

test('only a pending or valid authorization can be deactivated (RFC 8555 §7.5.2)', async (t) => {
  const flow = await startFlow(t);
  const { body } = await flow.client.order(['localhost']);
  const authorization = body.authorizations[0] ?? '';
  assertProblem(await flow.client.post(authorization, { status: 'valid' }), 'malformed', 400);
  assertProblem(await flow.client.post(authorization, {}), 'malformed', 400);
  await meetHttp01(flow, authorization);
  assert.equal((await flow.client.post(authorization, { status: 'deactivated' })).body.status, 'deactivated');
  assertProblem(await flow.client.post(authorization, { status: 'deactivated' }), 'malformed', 400);
});

test('a valid authorization expires, and a pending one becomes invalid (RFC 8555 §7.1.6)', async (t) => {
  const flow = await startFlow(t);
  const first = (await flow.client.order(['localhost'])).body.authorizations[0] ?? '';
  const second = (await flow.client.order(['a.localhost'])).body.authorizations[0] ?? '';
  const { body } = await flow.client.post(second);
  await meetHttp01(flow, first);
  flow.server.store.clock.advance(24 * 3600);
  assert.equal((await flow.client.post(first)).body.status, 'expired');
  assert.equal((await flow.client.post(second)).body.status, 'invalid');
  const late = await flow.client.post(challengeOf(body, 'http-01').url, {});
  assert.notEqual(late.body.status, 'valid');
  assert.equal(flow.web.requests.length, 1);
});

test('POST-as-GET reads a challenge, and does not answer it', async (t) => {
  const flow = await startFlow(t);
  const { body } = await flow.client.order(['localhost']);
  const authorization = await flow.client.post(body.authorizations[0] ?? '');
  const { token, url } = challengeOf(authorization.body, 'http-01');
  flow.web.files.set(challengePath(token), flow.client.keyAuthorization(token));
  assert.equal((await flow.client.post(url)).body.status, 'pending');
  assert.deepEqual(flow.web.requests, []);
  assertProblem(await flow.client.post(url, '[]'), 'malformed', 400);
  assertProblem(await flow.client.post(`${url}x`, {}), 'malformed', 404);
});

test('hanging validations of one account do not delay others, and their number is limited', async (t) => {
  const flow = await startFlow(t);
  const { atOnceOfOne, waitingOfOne } = VALIDATIONS;
  const urls: string[] = [];
  for (let order = 0; urls.length <= atOnceOfOne + waitingOfOne; order += 1) {
    const names = Array.from({ length: 100 }, (_, index) => `h${order}-${index}.localhost`);
    const { body } = await flow.client.order(names);
    urls.push(...body.authorizations.map((url) => `${url.replace('authorization', 'challenge')}/http-01`));
  }
  const good = { ...flow, client: await createClient(flow.server) };
  await good.client.register();
  const held: (() => void)[] = [];
  flow.web.handle = (request, response) => {
    const answer = () => response.end(flow.web.files.get(request.url ?? ''));
    if (request.headers.host?.startsWith('h')) held.push(answer);
    else answer();
  };
  const flood = urls.slice(0, atOnceOfOne + waitingOfOne).map((url) => flow.client.post(url, {}));
  await until(async () => held.length === atOnceOfOne);
  const refused = await flow.client.post(urls.at(-1) ?? '', {});
  assertProblem(refused, 'rateLimited', 429);
  assert.match(refused.headers.get('retry-after') ?? '', /^\d+$/);
  const { body } = await good.client.order(['good.localhost']);
  assert.equal((await meetHttp01(good, body.authorizations[0] ?? '')).body.status, 'valid');
  assert.equal(held.length, atOnceOfOne);
  await flow.server.acme.close();
  await Promise.all(flood);
  assert.deepEqual(flow.server.log.lines(), []);
});

test('one address with many accounts cannot fill the shared queue of validations', async (t) => {
  const flow = await startFlow(t);
  flow.web.handle = () => {};
  const clientAt = async (address: string) => {
    const send: typeof flow.server.send = (method, url, init) => flow.server.send(method, url, init, address);
    const client = await createClient({ ...flow.server, send });
    await client.register();
    return client;
  };
  const orderHundred = async () => {
    const client = await clientAt('192.0.2.66');
    const { body } = await client.order(Array.from({ length: 100 }, (_, index) => `h${index}.localhost`));
    const urls = body.authorizations.map((url) => `${url.replace('authorization', 'challenge')}/http-01`);
    return () => urls.map((url) => client.post(url, {}));
  };
  // All orders first, because a validation ends by itself after some seconds.
  const prepared: Awaited<ReturnType<typeof orderHundred>>[] = [];
  for (let sent = 0; sent <= VALIDATIONS_OF_ADDRESS; sent += 100) prepared.push(await orderHundred());
  const answers = await Promise.all(prepared.flatMap((answer) => answer()));
  const refused = answers.filter(({ status }) => status !== 200);
  assert.equal(answers.length - refused.length, VALIDATIONS_OF_ADDRESS);
  for (const answer of refused) assertProblem(answer, 'rateLimited', 429);
  const good = await clientAt('192.0.2.7');
  const { body } = await good.order(['good.localhost']);
  const url = body.authorizations[0]?.replace('authorization', 'challenge');
  assert.equal((await good.post(`${url}/http-01`, {})).status, 200);
  await flow.server.acme.close();
});

test('connections to one address are limited; when one closes, the next may connect', async (t) => {
  const server = createServer().listen(0, '0.0.0.0');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const stop = new AbortController();
  t.after(() => {
    stop.abort();
    server.close();
  });
  const targets = createTargets({ resolver: createResolver(undefined), networks: { has: () => true } });
  const connected: Socket[] = [];
  const attempts = Array.from({ length: CONNECTIONS_TO_ADDRESS + 5 }, async () => {
    connected.push((await targets.connect('127.0.0.1', port, stop.signal)).socket);
  });
  await Promise.all(attempts.slice(0, CONNECTIONS_TO_ADDRESS));
  assert.equal((await targets.connect('127.0.0.2', port, stop.signal)).address, '127.0.0.2');
  assert.equal(connected.length, CONNECTIONS_TO_ADDRESS);
  for (const socket of connected.slice(0, 5)) socket.destroy();
  await Promise.all(attempts);
});
