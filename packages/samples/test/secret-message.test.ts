import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { createFernet, generateFernetKey } from '@gatehouse/protocol';
import { samplesUnderTest } from './support/samples-under-test.ts';

const KEY = '8jtTR9QcD-k3RO9Pcd5ePgmTu_itJQt9WKQPzqjrcoM=';
const withoutPyca =
  spawnSync('python3', ['-c', 'import cryptography.fernet']).status === 0
    ? false
    : 'needs python3 and cryptography (apt-get install python3-cryptography)';
const post = (body: BodyInit) => ({ method: 'POST', body });

test('GET /secret-message answers the message in plain text (H1)', async (t) => {
  const response = await samplesUnderTest(t).send('/secret-message');
  assert.equal(response.status, 200);
  assert.equal(response.headers.get('content-type'), 'text/plain; charset=UTF-8');
  assert.equal(await response.text(), 'fluffy tail');
});

test('GET /symmetric/ answers a token of the message, and nothing else (H2)', async (t) => {
  const { send } = samplesUnderTest(t, { secretKeys: KEY });
  for (const path of ['/symmetric/', '/symmetric']) {
    const response = await send(path);
    assert.deepEqual([response.status, response.headers.get('cache-control')], [200, 'no-store']);
    const plaintext = await createFernet(KEY).decrypt(await response.text(), { ttlSeconds: 60 });
    assert.equal(Buffer.from(plaintext).toString(), 'fluffy tail');
  }
});

test('Python’s Fernet opens the token, as the client of the seed does (H2)', {
  skip: withoutPyca,
}, async (t) => {
  const token = await (await samplesUnderTest(t, { secretKeys: KEY }).send('/symmetric/')).bytes();
  const script = 'import os, sys\nfrom cryptography.fernet import Fernet\n';
  const decrypt = 'print(Fernet(os.environ["SECRET_KEY"]).decrypt(sys.stdin.buffer.read()).decode())';
  const options = { input: token, env: { ...process.env, SECRET_KEY: KEY } };
  assert.equal(spawnSync('python3', ['-c', script + decrypt], options).stdout.toString(), 'fluffy tail\n');
});

test('without a secret, /symmetric/ answers 503 and says what to set (H2)', async (t) => {
  const { send } = samplesUnderTest(t);
  for (const init of [{}, post('x')]) {
    const response = await send('/symmetric/', init);
    assert.equal(response.status, 503);
    const { error } = (await response.json()) as { error: string };
    assert.match(error, /^This server has no shared secret: .* environment variable SECRET_KEY$/);
  }
});

test('POST /symmetric/ accepts a token of any of the keys, up to its lifetime (H2)', async (t) => {
  const other = generateFernetKey();
  const { send, log } = samplesUnderTest(t, { secretKeys: [other, KEY], tokenLifetimeSeconds: 30 });
  const made = (key: string, ageSeconds: number) =>
    createFernet(key, { clock: () => Date.now() - ageSeconds * 1000 }).encrypt('hello');
  for (const key of [KEY, other]) {
    const response = await send('/symmetric/', post(`${await made(key, 20)}\n`));
    assert.equal(await response.text(), '{"message": "Successfully Decrypted Data"}');
  }
  const stranger = await made(generateFernetKey(), 0);
  const refusals = [stranger, await made(KEY, 40), await made(KEY, -90), '', 'x', '\u0000'];
  for (const body of [...refusals, new Uint8Array([255])]) {
    const response = await send('/symmetric/', post(body));
    assert.equal(response.status, 400);
    const expected = 'The token was made with another secret, or is older than 30 s';
    assert.deepEqual(await response.json(), { error: expected });
  }
  assert.equal((await send('/symmetric/', post('x'.repeat(65_537)))).status, 413);
  const events = log.map(({ event }) => event);
  assert.deepEqual(events.slice(0, 3), ['symmetric.decrypted', 'symmetric.decrypted', 'symmetric.refused']);
});
