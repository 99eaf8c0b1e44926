// Every link between our pages leads to an existing file and heading, docs/README.md has every page, and no
// page takes more than ten minutes to read.
import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, dirname, join, normalize } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const PAGES = ['*.md', 'docs/**/*.md', 'bench/*.md', 'packages/*/README.md'];
const LINK = /\]\(([^)\s]+)\)/g;
const FENCED = /^```.*?^```$/gms;
// People read about 238 words a minute of English that is not fiction (Brysbaert 2019). All of a page counts:
// prose, tables, commands and samples. A word is what stands between spaces and has a letter or a digit, so
// the bars of tables are no words.
const WORDS_PER_MINUTE = 235;
const MINUTES = 10;
const IS_GENERATED = /^<!-- Written by tools\//m;
const SAYS_REFERENCE = 'This page is a reference: look up what you need.';

/** The anchor that GitHub gives to a heading. */
function anchorOf(heading: string): string {
  const kept = heading.toLowerCase().replaceAll(/[^\p{L}\p{N}\s_-]/gu, '');
  return kept.trim().replaceAll(' ', '-');
}

function anchorsIn(page: string): Set<string> {
  const text = readFileSync(join(root, page), 'utf8').replaceAll(FENCED, '');
  return new Set([...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => anchorOf(heading)));
}

function brokenLinks(page: string): string[] {
  const text = readFileSync(join(root, page), 'utf8').replaceAll(FENCED, '');
  const links = [...text.matchAll(LINK)].map(([, link = '']) => link);
  return links.filter((link) => !/^[a-z]+:/.test(link) && !leadsSomewhere(page, link));
}

function leadsSomewhere(page: string, link: string): boolean {
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? page : normalize(join(dirname(page), path));
  if (!existsSync(join(root, target))) return false;
  return anchor === undefined || anchorsIn(target).has(anchor);
}

function wordsOf(page: string): number {
  const pieces = readFileSync(join(root, page), 'utf8').split(/\s+/);
  return pieces.filter((piece) => /[\p{L}\p{N}]/u.test(piece)).length;
}

function isReference(page: string): boolean {
  const text = readFileSync(join(root, page), 'utf8');
  const [, , opening = ''] = text.split('\n\n');
  return IS_GENERATED.test(text) && opening.startsWith(SAYS_REFERENCE);
}

const documents = globSync('docs/*.md', { cwd: root });
const pages = globSync(PAGES, { cwd: root }).filter((page) => !page.includes('node_modules'));

test('every link between our pages leads to a file and a heading', () => {
  assert.ok(pages.length > 20);
  const broken = pages.flatMap((page) => brokenLinks(page).map((link) => `${page}: ${link}`));
  assert.deepEqual(broken, []);
});

test('docs/README.md lists every page of docs/', () => {
  const index = readFileSync(join(root, 'docs/README.md'), 'utf8');
  const unlisted = documents.filter((page) => !index.includes(`](${basename(page)})`));
  assert.deepEqual(
    unlisted.filter((page) => page !== 'docs/README.md'),
    [],
  );
});

test('every page takes at most ten minutes to read, or is generated and says that it is a reference', () => {
  const tooLong = ['README.md', ...documents]
    .filter((page) => wordsOf(page) > MINUTES * WORDS_PER_MINUTE && !isReference(page))
    .map((page) => `${page}: ${wordsOf(page)} words`);
  assert.deepEqual(tooLong, []);
});

test('docs/operate.md is the longest page that is for reading', () => {
  const byLength = documents.filter((page) => !isReference(page)).sort((a, b) => wordsOf(b) - wordsOf(a));
  assert.ok(byLength.length > 40);
  assert.equal(byLength[0], 'docs/operate.md');
});

test('ARCHITECTURE.md names only files that are there', () => {
  const text = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8');
  const named = new Set(
    [...text.matchAll(/`([\w./-]+\/[\w.-]+\.(?:ts|mjs))`/g)].map(([, path = '']) => path),
  );
  const files = globSync(['packages/*/src/**/*.ts', '{tools,conformance}/**/*.{ts,mjs}'], { cwd: root });
  // By their last folders, or with the package instead of its `src`.
  const isThere = (path: string) =>
    [path, path.replace('/', '/src/')].some((end) => files.some((file) => `/${file}`.endsWith(`/${end}`)));
  assert.ok(named.size > 20);
  assert.deepEqual(
    [...named].filter((path) => !isThere(path)),
    [],
  );
});
