// Lists: on a terminal they fit its width; elsewhere they have whole values.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import { type Column, createTable, printTable, shorten, type TableOptions } from '../../src/output/table.ts';
import { contextOf, createFakeProcess, type FakeProcessOptions } from '../fake-process.ts';

interface Row {
  id: string;
  name: string;
  made?: string | null;
  state?: string;
}

const columns: Column<Row>[] = [
  { title: 'ID', of: ({ id }) => id },
  { title: 'NAME', of: ({ name }) => name, form: 'text' },
  { title: 'MADE', of: ({ made }) => made, form: 'time', leaveOut: 1 },
  { title: 'STATE', of: ({ state }) => state, form: 'state' },
];

function printed(rows: readonly Row[], options: FakeProcessOptions = {}): string[] {
  const process = createFakeProcess(options);
  printTable(contextOf(process), columns, rows);
  return process.written.stdout.toString().trimEnd().split('\n');
}

const WIDE = { id: 'a'.repeat(16), name: 'n'.repeat(80), made: '2020-01-01T00:00:00.5Z', state: 'active' };

test('without a terminal every value is whole, and times are RFC 3339', () => {
  const [head, row] = printed([WIDE]);
  assert.match(head ?? '', /^ID +NAME +MADE +STATE$/);
  assert.equal(row, `${WIDE.id}  ${WIDE.name}  2020-01-01T00:00:00Z  active`);
});

test('aligns columns, prints - for no value, and leaves no blanks at the end of a line', () => {
  assert.deepEqual(
    printed([
      { id: '1', name: 'x' },
      { id: '10', name: 'long', state: 'active' },
    ]),
    ['ID  NAME  MADE  STATE', '1   x     -     -', '10  long  -     active'],
  );
});

test('on a terminal times are relative, and long values are shortened in the middle', () => {
  const [, row] = printed([WIDE], { terminal: true, columns: 80, env: { NO_COLOR: '1' } });
  assert.match(row ?? '', /^a{16} {2}n+…n+ {2}\d+ years ago {2}active$/);
  assert.equal(row?.length, 80);
});

test('a row never exceeds the width of the terminal, from 80 columns on', () => {
  const rows = fc.array(
    fc.record({
      id: fc.constant(WIDE.id),
      name: fc.string({ maxLength: 200 }),
      made: fc.constant(WIDE.made),
    }),
    { minLength: 1 },
  );
  fc.assert(
    fc.property(rows, fc.integer({ min: 80, max: 200 }), (some, width) => {
      const lines = printed(some, { terminal: true, columns: width, env: { NO_COLOR: '1' } });
      assert.ok(lines.every((line) => [...line].length <= width));
    }),
  );
});

test('leaves out a less important column before it shortens others too much', () => {
  const process = createFakeProcess({ terminal: true, columns: 80, env: { NO_COLOR: '1' } });
  const crowded: Column<Row>[] = [
    { title: 'ID', of: () => 'i'.repeat(60) },
    { title: 'NAME', of: ({ name }) => name, form: 'text' },
    { title: 'MADE', of: () => 'in 12 days', leaveOut: 1 },
  ];
  printTable(contextOf(process), crowded, [WIDE]);
  assert.match(process.written.stdout.toString(), /^ID +NAME\n/);
});

test('state has a colour on a terminal, unless NO_COLOR is set', () => {
  const row = (options: FakeProcessOptions) =>
    printed([{ id: '1', name: 'x', state: 'revoked' }], options)[1] ?? '';
  assert.ok(row({ terminal: true }).endsWith('\u001b[31mrevoked\u001b[39m'));
  assert.equal(
    stripVTControlCharacters(row({ terminal: true })),
    row({ terminal: true, env: { NO_COLOR: '1' } }),
  );
  assert.ok(!row({}).includes('\u001b'));
});

test('later rows have the widths of the first ones, and a note below wraps between words', () => {
  const process = createFakeProcess({ terminal: true, columns: 80, env: { NO_COLOR: '1' } });
  const options: TableOptions<Row> = {
    note: ({ id }) => (id === '2' ? 'word '.repeat(30).trim() : undefined),
  };
  const table = createTable(contextOf(process), columns, options);
  table.print([{ id: '1', name: 'n'.repeat(20) }]);
  table.print([{ id: '2', name: 'm'.repeat(30) }]);
  const [, , late, ...note] = process.written.stdout.toString().trimEnd().split('\n');
  assert.match(late ?? '', /^2 {3}m{10}…m{9} /);
  assert.ok(note.length === 2 && note.every((line) => line.length <= 80 && line.startsWith('  word')));
});

test('shortens in the middle, to exactly the width', () => {
  assert.equal(shorten('abcdefghij', 7), 'abc…hij');
  assert.equal(shorten('abcdefghij', 10), 'abcdefghij');
});
