import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { CLIENT_PAGE, clientPage, membersOf } from '../client-docs.ts';

test('docs/client-reference.md matches the docstrings (run: npm run docs)', () => {
  assert.equal(readFileSync(CLIENT_PAGE, 'utf8'), clientPage());
});

test('every option has a description', () => {
  const options = clientPage().match(/^\| `\w+\?`.*$/gm) ?? [];
  assert.ok(options.length > 120, String(options.length));
  assert.deepEqual(
    options.filter((row) => /\| +\|$/.test(row)),
    [],
  );
});

test('reads members with and without a description, methods, and types of several lines', () => {
  const source = `export interface Options {
  /** How many. Default: 3. */
  attempts?: number;
  plain: string;
  /**
   * Is called
   * for each.
   */
  onEach?(item: { a: 1 }): void;
  readonly kind:
    | 'one'
    | 'other';
}
`;
  assert.deepEqual(membersOf(source), [
    { name: 'attempts?', type: 'number', text: 'How many. Default: 3.' },
    { name: 'plain', type: 'string', text: '' },
    { name: 'onEach?', type: '(item: { a: 1 }): void', text: 'Is called for each.' },
    { name: 'kind', type: "| 'one' | 'other'", text: '' },
  ]);
});
