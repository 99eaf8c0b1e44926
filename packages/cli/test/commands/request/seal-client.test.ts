// gatehouse request --seal: which options go together. That it seals is shown by conformance/system/rfc9458.test.ts.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { temporaryFolder } from '../../fake-admin.ts';
import { gatehouse } from '../../fake-process.ts';

const URL_OF_NOTHING = 'https://localhost:1/';

test('refuses options of sealing without --seal, and those that are not in their form', async (t) => {
  const folder = ['--data-folder', temporaryFolder(t)];
  for (const [options, message] of [
    [['--seal-pin', `sha256/${'A'.repeat(43)}=`], /go with --seal/],
    [['--gateway', 'https://localhost:1'], /go with --seal/],
    [['--seal', '--seal-pin', 'sha256/short'], /--seal-pin should be sha256\//],
    [['--seal', '--gateway', 'http://localhost:1'], /--gateway should be a URL that begins with https/],
  ] as const) {
    const outcome = await gatehouse(['request', URL_OF_NOTHING, ...options, ...folder]);
    assert.equal(outcome.status, 2, outcome.stderr);
    assert.match(outcome.stderr, message);
  }
});

test('says where the roots of the gateway could not be read', async (t) => {
  const missing = `${temporaryFolder(t)}/none.pem`;
  const outcome = await gatehouse(['request', URL_OF_NOTHING, '--seal', '--seal-ca', missing]);
  assert.equal(outcome.status, 1);
  assert.match(outcome.stderr, /none\.pem/);
});

test('ends with 3 if nothing listens', async (t) => {
  const outcome = await gatehouse(['request', URL_OF_NOTHING, '--seal', '--data-folder', temporaryFolder(t)]);
  assert.equal(outcome.status, 3, outcome.stderr);
});
