// gatehouse request --seal: its options. conformance/system/rfc9458.test.ts tests the sealing.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { createTestAuthority } from '../../../../../conformance/support/test-authority.ts';
import { temporaryFolder } from '../../fake-admin.ts';
import { gatehouse } from '../../fake-process.ts';

const URL_OF_NOTHING = 'https://localhost:1/';

test('refuses options for sealing without --seal, and malformed values', async (t) => {
  const folder = ['--data-folder', temporaryFolder(t)];
  for (const [options, message] of [
    [['--seal-pin', `sha256/${'A'.repeat(43)}=`], /need --seal/],
    [['--gateway', 'https://localhost:1'], /need --seal/],
    [['--seal', '--seal-pin', 'sha256/short'], /--seal-pin should be sha256\//],
    [['--seal', '--gateway', 'http://localhost:1'], /--gateway should be a URL that begins with https/],
  ] as const) {
    const outcome = await gatehouse(['request', URL_OF_NOTHING, ...options, ...folder]);
    assert.equal(outcome.status, 2, outcome.stderr);
    assert.match(outcome.stderr, message);
  }
});

test("names the file of the gateway's roots that could not be read", async (t) => {
  const missing = `${temporaryFolder(t)}/none.pem`;
  const outcome = await gatehouse(['request', URL_OF_NOTHING, '--seal', '--seal-ca', missing]);
  assert.equal(outcome.status, 1);
  assert.match(outcome.stderr, /none\.pem/);
});

test('ends with 3 if nothing listens', async (t) => {
  const outcome = await gatehouse(['request', URL_OF_NOTHING, '--seal', '--data-folder', temporaryFolder(t)]);
  assert.equal(outcome.status, 3, outcome.stderr);
});

test('a pin counts for sealed requests too, before any request is sent', async (t) => {
  const folder = temporaryFolder(t);
  const authority = createTestAuthority();
  const { cert, key } = authority.issue();
  const asked: (string | undefined)[] = [];
  const server = createServer({ cert, key }, ({ url }, response) => {
    asked.push(url);
    response.writeHead(404).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  writeFileSync(join(folder, 'root.pem'), authority.root);
  const url = `https://localhost:${(server.address() as AddressInfo).port}/`;
  const pin = `sha256/${'A'.repeat(43)}=`;
  const { status, stderr } = await gatehouse([
    'request',
    url,
    '--seal',
    '--data-folder',
    folder,
    '--pin',
    pin,
  ]);
  assert.equal(status, 6, stderr);
  assert.deepEqual(asked, []);
});
