// Signed requests and signed answers with an outside client: Python with pyca/cryptography, and keys that
// openssl or Python made. Keys are registered with the command, as users do.
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, it } from 'node:test';
import { run, up } from '../support/gatehouse-command.ts';
import { withoutPython } from '../support/programs.ts';
import { startRecordingUpstream } from '../support/upstreams.ts';

const skip = withoutPython(['cryptography'], 'python3-cryptography');
const CLIENT = new URL('../support/signing-client.py', import.meta.url).pathname;
const pairs = {
  ed25519: generateKeyPairSync('ed25519'),
  'P-256': generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  RSA: generateKeyPairSync('rsa', { modulusLength: 2048 }),
};

it('a client in Python signs with Ed25519, P-256 and RSA-PSS, and verifies the answers', {
  skip,
}, async () => {
  const upstream = await startRecordingUpstream();
  const routes = [{ path: '/orders/*', accept: ['signature'], signResponses: true }];
  const server = await up({ upstream: upstream.origin, set: [`gateway.routes=${JSON.stringify(routes)}`] });
  after(() => Promise.all([server.stop(), upstream.close()]));
  const { gateway, control, rootCertificate } = server.ready;
  const keySets = [gateway, control].map((origin) => `${origin}/.well-known/gatehouse-signature-jwks.json`);
  for (const [index, { publicKey, privateKey }] of Object.values(pairs).entries()) {
    const [pub, key] = [join(server.data, `${index}.pub`), join(server.data, `${index}.key`)];
    writeFileSync(pub, String(publicKey.export({ type: 'spki', format: 'pem' })));
    writeFileSync(key, String(privateKey.export({ type: 'pkcs8', format: 'pem' })));
    const role = ['--role', 'admin'];
    const { id } = await server.json<{ id: string }>(
      'key',
      'add',
      `robot-${index}`,
      '--public-key',
      pub,
      ...role,
    );
    const args = [CLIENT, key, id, rootCertificate, `${gateway}/orders/7`, keySets[index % 2] ?? ''];
    const { status, stdout, stderr } = await run('python3', args);
    assert.equal(status, 0, stderr);
    const exchanges = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.equal(exchanges.length, 3);
    for (const { covered, ...statuses } of exchanges) {
      for (const name of ['"@status"', '"content-digest"', '"signature";req'])
        assert.ok(covered.includes(name));
      const altered = statuses.altered === null ? null : 401;
      assert.deepEqual(statuses, { status: 200, again: 401, altered });
    }
  }
  const listed = await server.json<{ name: string; algorithm: string | null }[]>('key', 'list');
  assert.deepEqual(
    listed.map(({ algorithm }) => algorithm),
    ['ed25519', 'ecdsa-p256-sha256', 'rsa-pss-sha512'],
  );
});
