// The file with the HMAC key of an external account.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readExternalAccount } from '../../../src/acme-client/account/external-account.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

test('reads base64url, also with padding and a line end, and never quotes a wrong key', (t) => {
  const hmacKeyFile = join(temporaryFolder(t), 'eab.key');
  const read = (text: string) => {
    writeFileSync(hmacKeyFile, text);
    return Buffer.from(readExternalAccount({ keyId: 'kid', hmacKeyFile }).hmacKey);
  };
  const key = Buffer.alloc(32, 0xfb);
  for (const text of [`${key.toString('base64url')}\n`, key.toString('base64')])
    assert.deepEqual(read(text), key);
  for (const text of ['', 'c2hvcnQ', 'not a key!'])
    assert.throws(
      () => read(text),
      (error: Error) =>
        /has no HMAC key in base64url/.test(error.message) && !(text && error.message.includes(text)),
    );
  assert.throws(
    () => readExternalAccount({ keyId: 'kid', hmacKeyFile: '/nowhere/key' }),
    /\/nowhere\/key \(eab\.hmacKeyFile\) cannot be read: there is no such file\./,
  );
});
