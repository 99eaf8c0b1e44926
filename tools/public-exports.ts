// The public names of a package: the re-exports of its index, through any number of files and packages, and
// the docstrings of their declarations.
import assert from 'node:assert/strict';
import { dirname, join } from 'node:path';

/** Reads a file of the repository. */
export type Read = (path: string) => string;

/** One name of an index, and the place of its declaration. */
export interface Declared {
  name: string;
  path: string;
}

/** The indexes of packages that import from each other by name. */
const INDEX_OF_PACKAGE: Readonly<Record<string, string>> = {
  '@gatehouse/server': 'packages/server/src/index.ts',
};

const RE_EXPORT = /^export (?:type )?(?:\{([^}]*)\}|(\*)) from '([^']+)';/gm;
const DECLARATION = /^export (?:async )?(const|function|class|interface|type) (\w+)/gm;
const DOCSTRING = /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\n$/;

/** All names that a file exports, with the files that declare them. */
export function exportsOf(path: string, read: Read): Declared[] {
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

/** A declaration, and its docstring. */
export interface Declaration {
  kind: 'const' | 'function' | 'class' | 'interface' | 'type';
  /** Without `/**`; undefined if there is none. */
  docstring: string | undefined;
  /** The source, from its first word on. */
  source: string;
}

export function declarationOf({ name, path }: Declared, read: Read): Declaration {
  const text = read(path);
  const found = [...text.matchAll(DECLARATION)].find((match) => match[2] === name);
  assert.ok(found, `${path} does not declare ${name}`);
  return {
    kind: found[1] as Declaration['kind'],
    docstring: DOCSTRING.exec(text.slice(0, found.index))?.[1],
    source: text.slice(found.index),
  };
}

/** The code after `@example`, up to the next tag. */
export function exampleIn(docstring: string): string | undefined {
  const lines = docstring.split('\n').map((line) => line.replace(/^ \* ?/, ''));
  const start = lines.findIndex((line) => line.startsWith('@example'));
  if (start === -1) return undefined;
  const rest = lines.slice(start + 1);
  const end = rest.findIndex((line) => line.startsWith('@'));
  return rest.slice(0, end === -1 ? rest.length : end).join('\n');
}
