// The configuration file: JSON with comments, TypeScript that is read again, and mistakes with their places.
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { findConfigurationFile, readConfigurationFile } from '../../src/configuration/file.ts';
import { lineRefusal } from '../support/errors.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

function file(t: TestContext, name: string, content: string): string {
  const path = join(temporaryFolder(t), name);
  writeFileSync(path, content);
  return path;
}

const treeOf = async (path: string) => (await readConfigurationFile(path)).tree;

for (const name of ['a.json', 'a.jsonc']) {
  test(`reads comments, trailing commas and a byte order mark in ${name}`, async (t) => {
    const text = '\ufeff// first\n{ "gateway": /* here */ { "workers": 2, }, }\n';
    assert.deepEqual(await treeOf(file(t, name, text)), { gateway: { workers: 2 } });
  });
}

test('the digest is that of sha256sum', async (t) => {
  const { digest } = await readConfigurationFile(file(t, 'a.json', '{}'));
  assert.equal(digest, 'sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a');
});

const mistakes: [text: string, reason: string][] = [
  ['', 'it is empty: write at least {}'],
  [' \n', 'it is empty: write at least {}'],
  ['// nothing', 'it is empty: write at least {}'],
  ['{"gateway":', 'line 1, column 12: the file ends too early: a value is missing'],
  ['{\n  "gateway": {}', 'line 2, column 16: the file ends too early: a } is missing'],
  ['{\n  gateway: {}\n}', 'line 2, column 3: gateway is not JSON: write keys and texts in "double quotes"'],
  [
    "{'a': 1}",
    'line 1, column 2: a text in single quotes is not JSON: write keys and texts in "double quotes"',
  ],
  ['{"a": 1\n "b": 2}', 'line 2, column 2: a comma is missing before a text'],
  ['{"a": [1, 2}', 'line 1, column 12: a ] is missing before }'],
  ['{"a" 1}', 'line 1, column 6: a colon is missing before 1'],
  ['{"a": tru}', 'line 1, column 7: tru is not JSON: write keys and texts in "double quotes"'],
  ['{"a": 1} }', 'line 1, column 10: } is after the end of the configuration: remove it'],
  ['{"a": "secret', 'line 1, column 7: a text has no closing quote on its line'],
  [
    '{"a": "\\q"}',
    'line 1, column 7: a text has an escape that JSON does not know: write a backslash as \\\\',
  ],
  ['/* a', 'line 1, column 1: a comment has no end: close it with */'],
  ['{"a": 1,\n "a": 2}', 'line 2, column 2: a is given twice: remove one of the two'],
  [
    'gateway:\n  workers: 2',
    'line 1, column 1: gateway is not JSON: write keys and texts in "double quotes"',
  ],
];

for (const [text, reason] of mistakes) {
  test(`JSON ${JSON.stringify(text)} is refused with its place`, async (t) => {
    const path = file(t, 'a.json', text);
    await assert.rejects(readConfigurationFile(path), (error: Error) => {
      assert.equal(error.message, `${path} cannot be read: ${reason}.`);
      return true;
    });
  });
}

const languages: [name: string, reason: RegExp][] = [
  [
    'gatehouse.config.yaml',
    /gatehouse\.config\.yaml cannot be read: it is YAML\. A configuration file is TypeScript/,
  ],
  ['a.yml', /it is YAML\..*JSON with comments \(\.json, \.jsonc\): convert or rename it\.$/],
  ['a.toml', /it is TOML\./],
  ['a.conf', /its name ends with \.conf\. A configuration file is/],
  ['config', /its name ends with no ending\./],
];

for (const [name, reason] of languages) {
  test(`${name} is refused, with the formats that can be read`, async (t) => {
    const path = file(t, name, 'gateway:\n');
    await assert.rejects(readConfigurationFile(path), lineRefusal('config_unreadable', reason));
  });
}

test('a YAML file in the working folder is found and refused, not ignored', (t) => {
  const path = file(t, 'gatehouse.config.yaml', 'gateway:\n');
  assert.equal(findConfigurationFile(undefined, join(path, '..')), path);
  assert.equal(findConfigurationFile('none', join(path, '..')), undefined);
});

test('refuses in words a file that does not exist, is a folder, or may not be read by this user', async (t) => {
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, 'folder.json'));
  const refused = (name: string, reason: RegExp) =>
    assert.rejects(readConfigurationFile(join(folder, name)), lineRefusal('config_unreadable', reason));
  await refused(
    'nowhere.ts',
    /nowhere\.ts cannot be read: there is no such file: correct the name, or restore the file\.$/,
  );
  await refused('folder.json', /folder\.json cannot be read: it is a folder\.$/);
  mkdirSync(join(folder, 'config'));
  await refused('config', /config cannot be read: it is a folder\. Name the file in it\.$/);
  if (process.getuid?.() === 0) return;
  writeFileSync(join(folder, 'closed.json'), '{}');
  chmodSync(join(folder, 'closed.json'), 0);
  await refused('closed.json', /closed\.json cannot be read: this user may not read it\.$/);
  chmodSync(join(folder, 'config'), 0);
  await refused('config/c.json', /c\.json cannot be read: this user may not read it\.$/);
  chmodSync(join(folder, 'config'), 0o700);
});

test('reads a changed TypeScript file again, and the files that it imports by path', async (t) => {
  const path = file(t, 'a.ts', "import { workers } from './b.ts'; export default { gateway: { workers } };");
  const other = join(path, '..', 'b.ts');
  writeFileSync(other, 'export const workers: number = 1;');
  assert.deepEqual(await treeOf(path), { gateway: { workers: 1 } });
  writeFileSync(other, 'export const workers: number = 2;');
  assert.deepEqual(await treeOf(path), { gateway: { workers: 2 } });
  writeFileSync(path, 'export default { gateway: {} };');
  assert.deepEqual(await treeOf(path), { gateway: {} });
});

test('refuses mistakes in modules in words for people who do not know Node', async (t) => {
  const commonJs = file(t, 'b.ts', 'module.exports = { gateway: {} };');
  await assert.rejects(
    readConfigurationFile(commonJs),
    lineRefusal('config_unreadable', /it is a CommonJS module: write "export default \{ … \}" instead of/),
  );
  await assert.rejects(
    readConfigurationFile(file(t, 'c.ts', 'export default { gateway: {} ')),
    lineRefusal('config_unreadable', /c\.ts cannot be read: line 1: .*the end of the file\.$/),
  );
  for (const [text, words] of [
    [
      "import { defineConfig } from 'gatehous'; export default defineConfig({});",
      /it imports gatehous, which is not there: defineConfig comes from '@gatehouse\/gatehouse'/,
    ],
    ["import './nothing.ts'; export default {};", /it imports \S*nothing\.ts, which is not there/],
    ["const fs = require('node:fs'); export default {};", /it uses require: write import instead/],
    [
      'enum Role { user } export default {};',
      /it uses enum, which has to be compiled: write it in plain JavaScript/,
    ],
    ['export default () => ({});', /it has a function, a promise, .*: export the object itself/],
  ] as const) {
    await assert.rejects(
      readConfigurationFile(file(t, 'd.ts', text)),
      lineRefusal('config_unreadable', words),
    );
  }
});

test('a syntax error in TypeScript is refused with its line', async (t) => {
  const path = file(t, 'a.ts', 'export default {\n  gateway: {,\n};');
  await assert.rejects(
    readConfigurationFile(path),
    lineRefusal('config_unreadable', /a\.ts cannot be read: line 2: /),
  );
});
