// No dead exports: another file uses every value that a file exports. Exported types need no use.
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

const EXPORTED = /^export (?:async )?(?:const|function|class) (\w+)/gm;
const SOURCES = [
  'packages/*/{src,test}/**/*.ts',
  'conformance/**/*.ts',
  'bench/**/*.ts',
  'fuzz/**/*.ts',
  'tools/**/*.ts',
];

interface Source {
  path: string;
  text: string;
}

/** `path: name` of each export that no other file uses. */
function deadExports(sources: Source[]): string[] {
  const files = new Map<string, number>();
  for (const { text } of sources)
    for (const word of new Set(text.match(/\w+/g))) files.set(word, (files.get(word) ?? 0) + 1);
  return sources.flatMap(({ path, text }) =>
    [...text.matchAll(EXPORTED)]
      .map(([, name = '']) => name)
      .filter((name) => files.get(name) === 1)
      .map((name) => `${path}: ${name}`),
  );
}

test('every export is used somewhere', () => {
  const sources = globSync(SOURCES).map((path) => ({ path, text: readFileSync(path, 'utf8') }));
  assert.deepEqual(deadExports(sources), []);
});

test('finds an export that no file uses', () => {
  const used = { path: 'a.ts', text: 'export function used() {}\nexport const dead = 1;' };
  const user = { path: 'b.ts', text: "import { used } from './a.ts';\nused();" };
  assert.deepEqual(deadExports([used, user]), ['a.ts: dead']);
});
