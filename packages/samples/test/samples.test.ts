import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { samplesUnderTest } from './support/samples-under-test.ts';

test('answers every request for the guarded resources (L4, L5)', async (t) => {
  const { send } = samplesUnderTest(t);
  const texts = await Promise.all(
    ['/protected', '/user', '/admin'].map(async (path) => (await send(path)).text()),
  );
  assert.deepEqual(texts, [
    '{"message": "Access granted!"}',
    '{"message": "Access granted to regular users!"}',
    '{"message": "Access granted to admin users!"}',
  ]);
});

test('mounts the encrypted endpoint at /encrypted/ and at /encrypted (T2, T5)', async (t) => {
  const { send, log } = samplesUnderTest(t);
  for (const path of ['/encrypted', '/encrypted/']) {
    const offer = (await (await send(path)).json()) as object;
    assert.deepEqual(Object.keys(offer), ['client_id', 'pub']);
    const refused = await send(path, { method: 'POST', body: '{}' });
    assert.equal(refused.status, 400);
    assert.equal(await refused.text(), '{"error": "Missing or unknown client_id"}');
  }
  assert.deepEqual(log.at(-1), {
    event: 'encrypted.refused',
    reason: 'client_id_missing',
    clientId: undefined,
  });
});

test('answers unknown paths with 404 and JSON', async (t) => {
  const { send } = samplesUnderTest(t);
  for (const path of ['/nope', '/notes/', '/notes/x/y', '/notes/files/', '/encrypted/x', '//', '/admin/']) {
    const response = await send(path);
    assert.equal(response.status, 404, path);
    assert.equal(await response.text(), '{"error": "Not found"}');
  }
});

test('answers a method that a resource does not have with 405 and Allow (RFC 9110 §15.5.6)', async (t) => {
  const { send } = samplesUnderTest(t);
  const allowed = {
    '/': 'GET, HEAD',
    '/notes': 'GET, POST, HEAD',
    '/notes/x': 'GET, DELETE, HEAD',
    '/admin': 'GET, HEAD',
  };
  for (const [path, allow] of Object.entries(allowed)) {
    const response = await send(path, { method: 'PATCH' });
    assert.equal(response.status, 405, path);
    assert.equal(response.headers.get('allow'), allow);
    assert.equal(await response.text(), '{"error": "Method not allowed"}');
  }
});

test('logs the cause of a failure, and does not show it', async (t) => {
  const { send, log, folder } = samplesUnderTest(t);
  rmSync(folder, { recursive: true });
  const response = await send('/notes/files/a', { method: 'PUT', body: 'x' });
  assert.equal(response.status, 500);
  assert.equal(await response.text(), '{"error": "Internal server error"}');
  const [entry] = log;
  assert.ok(entry?.event === 'request.failed' && entry.error instanceof Error);
  assert.deepEqual([entry.method, entry.path], ['PUT', '/notes/files/a']);
});

test('answers any request with JSON and without a server error', async (t) => {
  const { send } = samplesUnderTest(t);
  const segment = fc.oneof(
    fc.constantFrom('notes', 'files', 'encrypted', 'admin', '%2e%2e', '%00', '%ff', '..', '__proto__', ''),
    fc.webSegment(),
  );
  const path = fc.array(segment, { maxLength: 4 }).map((segments) => `/${segments.join('/')}`);
  const method = fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS');
  await fc.assert(
    fc.asyncProperty(path, method, fc.json(), async (target, verb, body) => {
      const response = await send(target, verb === 'GET' ? {} : { method: verb, body });
      const text = await response.text();
      assert.ok(response.status < 500, `${verb} ${target}`);
      if (response.headers.get('content-type')?.startsWith('application/json')) JSON.parse(text);
    }),
    { numRuns: 400 },
  );
});
