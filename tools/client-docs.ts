// Writes docs/client-reference.md from the docstrings of the exports of `@gatehouse/client`: every function
// with its example, every error, and every option.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  type Declaration,
  type Declared,
  declarationOf,
  exampleIn,
  exportsOf,
  type Read,
} from './public-exports.ts';

export const CLIENT_PAGE = fileURLToPath(new URL('../docs/client-reference.md', import.meta.url));

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const INDEX = 'packages/client/src/index.ts';

const INTRODUCTION = `# The client library: all functions and options

<!-- Written by tools/client-docs.ts from the docstrings of packages/client. -->

This page is a reference: look up what you need. It has everything that \`@gatehouse/client\` exports, by name.
[The client library](client.md) explains it with whole programs.
`;

type Entry = Declared & Declaration;

/** The text of the page. */
export function clientPage(read: Read = (path) => readFileSync(`${ROOT}${path}`, 'utf8')): string {
  const entries = exportsOf(INDEX, read)
    .map((each): Entry => ({ ...each, ...declarationOf(each, read) }))
    .sort((one, other) => (one.name < other.name ? -1 : 1));
  const of = (...kinds: string[]) => entries.filter(({ kind }) => kinds.includes(kind));
  const types = of('interface', 'type').map(({ name }) => name);
  return [
    INTRODUCTION,
    '## Functions\n',
    ...of('function', 'const').map((entry) => valueSection(entry, types)),
    '## Classes\n',
    ...of('class').map((entry) => valueSection(entry, types)),
    '## Options and other types\n',
    ...of('interface', 'type').map(typeSection),
  ].join('\n');
}

function valueSection({ name, docstring = '', source, kind }: Entry, types: readonly string[]): string {
  const example = exampleIn(docstring);
  const options = kind === 'function' ? optionsOf(source, types) : [];
  const members = kind === 'class' ? table(membersOf(source)) : '';
  return [
    `### ${name}\n`,
    `${textOf(docstring)}\n`,
    ...(options.length === 0 ? [] : [`Takes ${options.join(' and ')}.\n`]),
    ...(example === undefined ? [] : [`\`\`\`ts\n${example.trim()}\n\`\`\`\n`]),
    ...(members === '' ? [] : [members]),
  ].join('\n');
}

/** Links to the exported types of the parameters. */
function optionsOf(source: string, types: readonly string[]): string[] {
  const [, parameters = ''] =
    /^export (?:async )?function \w+(?:<[^(]*>)?\(([\s\S]*?)\n?\): /.exec(source) ?? [];
  const used = types.filter((type) => new RegExp(`\\b${type}\\b`).test(parameters));
  return used.map((type) => `[${type}](#${type.toLowerCase()})`);
}

function typeSection({ name, docstring = '', source, kind }: Entry): string {
  const head = `### ${name}\n\n${textOf(docstring)}\n`;
  if (kind === 'type') return `${head}\n\`${aliasOf(source)}\`\n`;
  const [, base] = /^export interface \w+(?:<[^{]*?>)?\s+extends ([^{]+) \{/.exec(source) ?? [];
  const also = base === undefined ? [] : [`Also all of \`${oneLine(base)}\`.\n`];
  return [head, ...also, table(membersOf(source))].join('\n');
}

function aliasOf(source: string): string {
  const [, text = ''] = /^export type [^=]+=([\s\S]*?);\n/.exec(source) ?? [];
  return oneLine(text.replaceAll(/\/\*\*.*?\*\//gs, '')).replace(/^\| /, '');
}

/** The text of a docstring, up to its first tag. */
function textOf(docstring: string): string {
  const lines = docstring.split('\n').map((line) => line.replace(/^\s*\* ?/, '').trim());
  const end = lines.findIndex((line) => line.startsWith('@'));
  return oneLine((end === -1 ? lines : lines.slice(0, end)).join('\n').replaceAll('\n\n', '\u2028'))
    .replaceAll('\u2028', '\n\n')
    .trim();
}

function oneLine(text: string): string {
  return text.replaceAll(/[^\S\u2028]+/g, ' ').trim();
}

/** A member of an interface or a class. */
export interface Member {
  name: string;
  type: string;
  text: string;
}

/** Leaves out private members and constructors. */
export function membersOf(source: string): Member[] {
  const body = bodyOf(source);
  const pattern =
    /^ {2}(?:\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s+)?(?:readonly )?([\w$]+\??)(?=[:(<])([\s\S]*?)(?:;| \{)$/gm;
  return [...body.matchAll(pattern)]
    .filter(([, , name = '']) => !/^(?:constructor|if|for|return|super)$/.test(name))
    .map(([, text = '', name = '', type = '']) => ({
      name,
      type: oneLine(type.replace(/^:/, '')),
      text: textOf(text),
    }));
}

/** The text between the outermost braces. */
function bodyOf(source: string): string {
  const end = source.indexOf('\n}');
  return source.slice(source.indexOf('{\n') + 2, end + 1);
}

function table(members: readonly Member[]): string {
  if (members.length === 0) return '';
  const rows = members.map(({ name, type, text }) =>
    `| \`${name}\` | \`${type}\` | ${text} |`.replaceAll('\n', ' '),
  );
  const escaped = rows.map((row) => row.replaceAll(/`[^`]*`/g, (code) => code.replaceAll('|', '\\|')));
  return `| member | type | |\n|---|---|---|\n${escaped.join('\n')}\n`;
}

if (import.meta.main) writeFileSync(CLIENT_PAGE, clientPage());
