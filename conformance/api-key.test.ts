// API keys at a running gateway and control plane, in both header fields that clients use (RFC 6750 §2.1).
import assert from 'node:assert/strict';
import { after, it } from 'node:test';
import { eventually } from './support/conditions.ts';
import { ask } from './support/https-client.ts';
import { startServer } from './support/server-under-test.ts';
import { startRecordingUpstream } from './support/upstreams.ts';

const upstream = await startRecordingUpstream();
const server = await startServer({ upstream: upstream.origin });
const { key } = await server.createKey(['admin']);
after(() => Promise.all([server.stop(), upstream.close()]));

const FIELDS = {
  'X-API-Key': { 'x-api-key': key },
  'Authorization: Bearer': { authorization: `Bearer ${key}` },
};

for (const [field, headers] of Object.entries(FIELDS)) {
  it(`the gateway accepts a key in ${field}, and the upstream never sees it`, async () => {
    const answer = await ask({ ...server, path: '/reached', headers });
    assert.equal(answer.status, 200);
    assert.ok(!JSON.stringify(upstream.requests.at(-1)).includes(key.slice(0, 20)));
  });

  it(`the admin API accepts a key in ${field}`, async () => {
    const { controlPort: port, ca } = server;
    assert.equal((await ask({ port, ca, path: '/admin/status', headers })).status, 200);
  });
}

it('refuses a key in both fields at once', async () => {
  const headers = { 'x-api-key': key, authorization: `Bearer ${key}` };
  const answer = await ask({ ...server, path: '/reached', headers });
  assert.deepEqual([answer.status, answer.json().code], [401, 'credential_malformed']);
});

it('a key is changed, disabled and enabled, in force everywhere before the answer', async () => {
  const { id, key: secret } = await server.createKey(['user']);
  const used = async () => {
    const { status } = await ask({ ...server, path: '/reached', headers: { 'x-api-key': secret } });
    return status;
  };
  assert.equal(await used(), 200);
  const changed = await server.admin('POST', `/admin/keys/${id}/limits`, { addresses: ['192.0.2.0/24'] });
  assert.deepEqual(changed.addresses, ['192.0.2.0/24']);
  assert.equal(await used(), 401);
  await server.admin('POST', `/admin/keys/${id}/limits`, { addresses: [] });
  assert.equal(await used(), 200);
  for (const [disabled, status] of [
    [true, 401],
    [false, 200],
  ] as const) {
    await server.admin('PUT', `/admin/keys/${id}/disabled`, { disabled });
    assert.equal(await used(), status);
  }
  const { state, scopes } = await server.admin('GET', `/admin/keys/${id}`);
  assert.deepEqual([state, scopes], ['active', []]);
  for (const body of [{ expiresAt: null, expiresInSeconds: 5, roles: ['admin'] }, { expiresAt: 'soon' }]) {
    await assert.rejects(server.admin('POST', `/admin/keys/${id}/limits`, body), /422/);
  }
  const past = { expiresAt: '2020-01-01T00:00:00.000Z' };
  await assert.rejects(server.admin('POST', `/admin/keys/${id}/limits`, past), /422/);
});

it('a revoked key that someone tries is in the ledger and in the access log, with its id', async () => {
  const { id, key: secret } = await server.createKey(['user']);
  await server.admin('DELETE', `/admin/keys/${id}`);
  const answer = await ask({ ...server, path: '/tried', headers: { 'x-api-key': secret } });
  const { code, request_id: requestId } = answer.json();
  assert.deepEqual([answer.status, code], [401, 'credential_invalid']);
  const { entries } = await server.admin('GET', `/admin/audit?limit=10&type=gateway&credential=${id}`);
  const [entry] = entries as { type: string; data: Record<string, unknown> }[];
  const { path, keyId } = entry?.data ?? {};
  assert.deepEqual([entry?.type, path, keyId], ['gateway.request_denied', '/tried', id]);
  assert.equal(entry?.data.requestId, requestId);
  const line = await eventually('the line', () => server.accessLog().find((each) => each.path === '/tried'));
  assert.deepEqual([line.keyId, line.principal], [id, null]);
});
