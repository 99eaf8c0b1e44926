import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { settingPaths } from '../../packages/server/src/load-config.ts';
import { CONFIGURATION_PAGE, configurationPage } from '../configuration-docs.ts';

test('docs/configuration.md matches the schema (run: node tools/configuration-docs.ts)', () => {
  assert.equal(readFileSync(CONFIGURATION_PAGE, 'utf8'), configurationPage());
});

test('every setting is on the page, with a sentence that explains it', () => {
  const page = configurationPage();
  for (const path of settingPaths()) {
    const row = page.split('\n').find((line) => line.startsWith(`| \`${path.join('.')}\``));
    assert.ok(row, `${path.join('.')} is missing`);
    assert.match(row, /\| \S.* \|$/, `${path.join('.')} is not explained`);
  }
});
