// The secret of our client, from a file or a variable, and the errors if there is none.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readSecret } from '../../../src/identity/providers/provider-secret.ts';
import { refusal } from '../../support/errors.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

test('reads a file without its line end, or a variable; a public client has none', (t) => {
  const file = join(temporaryFolder(t), 'secret');
  writeFileSync(file, 'top secret\r\n');
  assert.equal(readSecret({ name: 'sso', clientSecretFile: file }, {}), 'top secret');
  assert.equal(readSecret({ name: 'sso', clientSecretVariable: 'SSO' }, { SSO: 'x' }), 'x');
  assert.equal(readSecret({ name: 'sso' }, {}), undefined);
});

test('refuses a file or a variable that is missing or empty, and names it', (t) => {
  const file = join(temporaryFolder(t), 'secret');
  const missing = refusal('config_invalid', /secret of sso cannot be read: there is no such file/);
  assert.throws(() => readSecret({ name: 'sso', clientSecretFile: file }, {}), missing);
  writeFileSync(file, '\n');
  assert.throws(
    () => readSecret({ name: 'sso', clientSecretFile: file }, {}),
    refusal('config_invalid', /clientSecretFile .* of sso is empty/),
  );
  const variable = { name: 'sso', clientSecretVariable: 'SSO' };
  assert.throws(
    () => readSecret(variable, {}),
    refusal('config_invalid', /the variable SSO of sso is empty/),
  );
});

test('refuses a variable in which Node has replaced octets that are not UTF-8, without repeating it', () => {
  const source = { name: 'sso', clientSecretVariable: 'SSO' };
  assert.throws(
    () => readSecret(source, { SSO: 'secret-\ufffd' }),
    ({ message }: Error) =>
      /variable SSO of sso is not text in UTF-8/.test(message) && !message.includes('secret-'),
  );
});
