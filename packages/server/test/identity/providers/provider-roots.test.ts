// The roots of a provider.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readProviderRoots } from '../../../src/identity/providers/provider-roots.ts';
import { refusal } from '../../support/errors.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

test('a file that is missing or has no certificate is refused, with its name', (t) => {
  const ca = join(temporaryFolder(t), 'roots.pem');
  const about = { name: 'sso', ca };
  assert.throws(
    () => readProviderRoots(about),
    refusal('config_invalid', /ca .*roots\.pem of sso .* no such file/),
  );
  writeFileSync(ca, 'no certificate');
  assert.throws(
    () => readProviderRoots(about),
    refusal('config_invalid', /ca .*roots\.pem of sso cannot be used/),
  );
});
