// docs/oauth-security.md: it has every point of RFC 9700, and its files and tests exist.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const read = (path: string) => readFileSync(`${ROOT}${path}`, 'utf8');

const POINTS = [
  ...['2.1', '2.1.1', '2.1.2', '2.2.1', '2.2.2', '2.3', '2.4', '2.5', '2.6'],
  ...Array.from({ length: 17 }, (_, index) => `4.${index + 1}`),
];

/** The folders of files that are named without one. */
const PLACES = ['conformance', 'conformance/system'];

interface Row {
  sections: string;
  shown: string;
}

const rows: Row[] = read('docs/oauth-security.md')
  .split('\n')
  .filter((line) => line.startsWith('| §'))
  .map((line) => {
    const [sections = '', , , shown = ''] = line.slice(2).split(' | ');
    return { sections, shown };
  });

test('docs/oauth-security.md has every point of RFC 9700', () => {
  for (const point of POINTS) {
    const isThere = rows.some(({ sections }) =>
      new RegExp(`§${point.replaceAll('.', '\\.')}(?:[.,\\s]|$)`).test(sections),
    );
    assert.ok(isThere, `§${point}`);
  }
});

test('every test in it exists, and every row names one', () => {
  const missing: string[] = [];
  for (const { sections, shown } of rows) {
    const named = [...shown.matchAll(/`([\w./-]+)`((?:,? "[^"]+")+)/g)];
    if (named.length === 0 && !shown.startsWith('see §')) missing.push(`${sections}: no test`);
    for (const [, file = '', titles = ''] of named) {
      const places = file.includes('/') ? [file] : PLACES.map((place) => `${place}/${file}.test.ts`);
      const path = places.find((each) => existsSync(`${ROOT}${each}`)) ?? file;
      const source = existsSync(`${ROOT}${path}`) ? read(path) : '';
      for (const [, title = ''] of titles.matchAll(/"([^"]+?)(?: …)?"/g)) {
        if (!source.includes(title)) missing.push(`${path}: ${title}`);
      }
    }
  }
  assert.deepEqual(missing, []);
});
