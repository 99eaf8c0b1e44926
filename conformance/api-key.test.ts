// API keys at a running gateway and control plane, in both header fields that clients use (RFC 6750 §2.1).
import assert from 'node:assert/strict';
import { after, it } from 'node:test';
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
  it(`the gateway admits a key in ${field}, and the upstream never sees it`, async () => {
    const answer = await ask({ ...server, path: '/reached', headers });
    assert.equal(answer.status, 200);
    assert.ok(!JSON.stringify(upstream.requests.at(-1)).includes(key.slice(0, 20)));
  });

  it(`the admin API admits a key in ${field}`, async () => {
    const { controlPort: port, ca } = server;
    assert.equal((await ask({ port, ca, path: '/admin/status', headers })).status, 200);
  });
}

it('a key in both fields at once is refused', async () => {
  const headers = { 'x-api-key': key, authorization: `Bearer ${key}` };
  const answer = await ask({ ...server, path: '/reached', headers });
  assert.deepEqual([answer.status, answer.json().code], [401, 'credential_malformed']);
});
