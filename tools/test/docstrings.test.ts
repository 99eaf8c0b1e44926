// Every public export has a docstring. That of a function, a constant or a class has an example, which names
// it and is valid TypeScript. Public is what the index of a package re-exports, through any number of files
// and packages.
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { dirname, join } from 'node:path';
import { test } from 'node:test';

/** Reads a file of the repository. */
type Read = (path: string) => string;

/** One name of an index, where it is declared. */
interface Declared {
  name: string;
  path: string;
}

const INDEXES = 'packages/*/src/index.ts';

/** The indexes of packages that import from each other by name. */
const INDEX_OF_PACKAGE: Readonly<Record<string, string>> = {
  '@gatehouse/server': 'packages/server/src/index.ts',
};

const RE_EXPORT = /^export (?:type )?(?:\{([^}]*)\}|(\*)) from '([^']+)';/gm;

/** All names that a file exports, with the files that declare them. */
function exportsOf(path: string, read: Read): Declared[] {
  const text = read(path);
  const declared = [...text.matchAll(DECLARATION)].map(([, , name = '']) => ({ name, path }));
  const others = [...text.matchAll(RE_EXPORT)].flatMap(([, names = '', star, specifier = '']) => {
    const from = INDEX_OF_PACKAGE[specifier] ?? join(dirname(path), specifier);
    const offered = exportsOf(from, read);
    return star === undefined ? namesIn(names).map((name) => find(name, offered, from)) : offered;
  });
  return [...declared, ...others];
}

function namesIn(list: string): string[] {
  const items = list.split(',').map((item) => item.trim().replace(/^type /, ''));
  return items.filter((item) => item !== '').map((item) => item.split(' as ')[0] ?? item);
}

function find(name: string, offered: readonly Declared[], from: string): Declared {
  const found = offered.find((each) => each.name === name);
  assert.ok(found, `${from} does not export ${name}`);
  return found;
}

const DECLARATION = /^export (?:async )?(const|function|class|interface|type) (\w+)/gm;
const DOCSTRING = /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\n$/;

/** What is missing in the docstring of an export. `undefined` if nothing is. */
function problemOf({ name, path }: Declared, read: Read): string | undefined {
  const text = read(path);
  const declaration = [...text.matchAll(DECLARATION)].find((match) => match[2] === name);
  assert.ok(declaration, `${path} does not declare ${name}`);
  const docstring = DOCSTRING.exec(text.slice(0, declaration.index))?.[1];
  if (docstring === undefined) return `${path}: ${name} has no docstring`;
  const isType = declaration[1] === 'interface' || declaration[1] === 'type';
  const example = exampleIn(docstring);
  if (example === undefined) return isType ? undefined : `${path}: ${name} has no @example`;
  return exampleProblem(example, name)?.replace(/^/, `${path}: the example of ${name} `);
}

/** The code after `@example`, up to the next tag. */
function exampleIn(docstring: string): string | undefined {
  const lines = docstring.split('\n').map((line) => line.replace(/^ \* ?/, ''));
  const start = lines.findIndex((line) => line.startsWith('@example'));
  if (start === -1) return undefined;
  const rest = lines.slice(start + 1);
  const end = rest.findIndex((line) => line.startsWith('@'));
  return rest.slice(0, end === -1 ? rest.length : end).join('\n');
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

/** The problems of an index that re-exports these two files. */
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
