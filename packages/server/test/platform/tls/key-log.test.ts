// The key log: off by default, announced when it is on, and readable only by this user.
import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openKeyLog } from '../../../src/platform/tls/key-log.ts';
import { resolveTlsSettings } from '../../../src/platform/tls/tls-settings.ts';
import { refusal } from '../../support/errors.ts';
import { createMemoryLog } from '../../support/memory-log.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

test('is off by default: no file, no warning', (t) => {
  const { log, lines } = createMemoryLog();
  assert.equal(openKeyLog(resolveTlsSettings({}), temporaryFolder(t), log).keyLog, undefined);
  assert.deepEqual(lines(), []);
});

test('if it is on, its file is in the data folder, only for this user, and a warning explains it', (t) => {
  const folder = temporaryFolder(t);
  const { log, lines } = createMemoryLog();
  const { keyLog } = openKeyLog(resolveTlsSettings({ keyLog: 'keys.log' }), folder, log);
  assert.equal(keyLog, join(folder, 'keys.log'));
  assert.equal(statSync(join(folder, 'keys.log')).mode & 0o777, 0o600);
  assert.equal(readFileSync(join(folder, 'keys.log'), 'utf8'), '');
  assert.deepEqual([lines()[0]?.level, lines()[0]?.keyLog], ['warn', keyLog]);
  assert.match(String(lines()[0]?.message), /decrypt/);
});

test('refuses a file that cannot be written', (t) => {
  const folder = temporaryFolder(t);
  const settings = resolveTlsSettings({ keyLog: 'none/keys.log' });
  const open = () => openKeyLog(settings, folder, createMemoryLog().log);
  assert.throws(open, refusal('config_invalid', /^Setting tls\.keyLog .*none\/keys\.log cannot be written/));
});
