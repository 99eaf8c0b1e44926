// Every link between our pages leads to an existing file and heading.
import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const PAGES = ['*.md', 'docs/**/*.md', 'bench/*.md', 'packages/*/README.md'];
const LINK = /\]\(([^)\s]+)\)/g;
const FENCED = /^```.*?^```$/gms;

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

const pages = globSync(PAGES, { cwd: root }).filter((page) => !page.includes('node_modules'));

test('every link between our pages leads to a file and a heading', () => {
  assert.ok(pages.length > 20);
  const broken = pages.flatMap((page) => brokenLinks(page).map((link) => `${page}: ${link}`));
  assert.deepEqual(broken, []);
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
