// The files of sign-in providers that a start refuses.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { providerList } from '../../src/identity/providers/provider-settings.ts';
import { identityChecks } from '../../src/identity/settings-checks.ts';
import { refusal } from '../support/errors.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

test('refuses roots and secrets of providers that cannot be read', (t) => {
  const folder = temporaryFolder(t);
  const file = (name: string) => join(folder, name);
  const about = { issuer: 'https://sso.example', clientId: 'gatehouse' };
  const problemsOf = (more: object) =>
    identityChecks({ providers: providerList.parse([{ name: 'sso', ...about, ...more }]) });
  for (const check of problemsOf({ clientSecretVariable: 'SSO' })) check();
  const refused = refusal('config_invalid', /no such file/);
  for (const more of [{ ca: file('ca.pem') }, { clientSecretFile: file('secret') }]) {
    assert.throws(() => problemsOf(more).map((check) => check()), refused);
  }
  writeFileSync(file('secret'), 'x');
  for (const check of problemsOf({ clientSecretFile: file('secret') })) check();
});
