import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { settingPaths } from '../../packages/server/src/settings/load-config.ts';
import { CONFIGURATION_PAGE, configurationPage } from '../configuration-docs.ts';

test('docs/configuration.md matches the schema (run: node tools/configuration-docs.ts)', () => {
  assert.equal(readFileSync(CONFIGURATION_PAGE, 'utf8'), configurationPage());
});

test('the page explains every setting', () => {
  const page = configurationPage();
  for (const path of settingPaths()) {
    const row = page.split('\n').find((line) => line.startsWith(`| \`${path.join('.')}\``));
    assert.ok(row, `${path.join('.')} is missing`);
    assert.match(row, /\| \S.* \|$/, `${path.join('.')} is not explained`);
  }
});

test('the table of docs/put-your-api-behind-it.md has every key of a route', () => {
  const page = readFileSync(new URL('../../docs/put-your-api-behind-it.md', import.meta.url), 'utf8');
  const [, table = ''] = page.split('## Every key of a route');
  const [, section = ''] = configurationPage().split('## A route');
  const [rows = ''] = section.split('\n## ');
  const keys = [...rows.matchAll(/^\| `(\w+)/gm)].map(([, key]) => key);
  assert.ok(keys.includes('path'));
  for (const key of keys) assert.match(table, new RegExp(`^\\| .*\`${key}[\`.]`, 'm'), `${key} is missing`);
});
