// Every public export has a docstring. That of a function, a constant or a class has an example, which uses
// it and is valid TypeScript. Public are the re-exports of a package's index, through any number of files and
// packages.
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { test } from 'node:test';
import { type Declared, declarationOf, exampleIn, exportsOf, type Read } from '../public-exports.ts';

const INDEXES = 'packages/*/src/index.ts';

/** What is missing in the docstring of an export. `undefined` if it is complete. */
function problemOf(declared: Declared, read: Read): string | undefined {
  const { name, path } = declared;
  const { kind, docstring } = declarationOf(declared, read);
  if (docstring === undefined) return `${path}: ${name} has no docstring`;
  const isType = kind === 'interface' || kind === 'type';
  const example = exampleIn(docstring);
  if (example === undefined) return isType ? undefined : `${path}: ${name} has no @example`;
  return exampleProblem(example, name)?.replace(/^/, `${path}: the example of ${name} `);
}

function exampleProblem(example: string, name: string): string | undefined {
  if (!new RegExp(`\\b${name}\\b`).test(example)) return 'does not use it';
  try {
    stripTypeScriptTypes(example);
    return undefined;
  } catch {
    return 'is not valid TypeScript';
  }
}

const readRepository: Read = (path) => readFileSync(path, 'utf8');

for (const index of globSync(INDEXES).sort()) {
  test(`every export of ${index} has a docstring, and every value an example`, () => {
    const exports = exportsOf(index, readRepository);
    assert.ok(exports.length > 0);
    assert.deepEqual(
      exports.flatMap((each) => problemOf(each, readRepository) ?? []),
      [],
    );
  });
}

const FACE = "export { good, type Bare } from './a.ts';\nexport * from './b.ts';\n";
const GOOD = '/**\n * Does it.\n * @example\n * good(1);\n */\nexport function good() {}\n';

/** The problems of an index with the exports of these two files. */
function problems(a: string, b: string): string[] {
  const files: Record<string, string> = { 'p/index.ts': FACE, 'p/a.ts': a, 'p/b.ts': b };
  const read: Read = (path) => files[path] ?? '';
  return exportsOf('p/index.ts', read).flatMap((each) => problemOf(each, read) ?? []);
}

test('finds a missing docstring, a missing example, and an example of something else', () => {
  const type = '/** A type. */\nexport interface Bare {}\n';
  assert.deepEqual(problems(GOOD + type, ''), []);
  assert.deepEqual(problems(`${GOOD}export type Bare = 1;\n`, ''), ['p/a.ts: Bare has no docstring']);
  assert.deepEqual(problems(GOOD + type, '/** It. */\nexport const it = 1;\n'), [
    'p/b.ts: it has no @example',
  ]);
  assert.deepEqual(problems(GOOD.replace('good(1)', 'bad(1)') + type, ''), [
    'p/a.ts: the example of good does not use it',
  ]);
  assert.deepEqual(problems(GOOD.replace('good(1)', 'good(') + type, ''), [
    'p/a.ts: the example of good is not valid TypeScript',
  ]);
  assert.deepEqual(problems(`/** Of another. */\nconst x = 1;\n${GOOD.split('*/\n')[1]}${type}`, ''), [
    'p/a.ts: good has no docstring',
  ]);
});
