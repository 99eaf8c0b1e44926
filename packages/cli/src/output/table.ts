// Lists. On a terminal, a list fits the width: it first leaves out the least important columns, then shortens
// long values in the middle. Its times are relative. Without a terminal, every value is whole.
import type { CliContext } from '../process.ts';
import { wrap } from './lines.ts';
import { cell, print } from './print.ts';
import type { Screen, Style } from './screen.ts';
import { fromNow, shortTime } from './times.ts';

export interface Column<Row> {
  title: string;
  of(row: Row): unknown;
  /**
   * `text` may be shortened. `whole`, the default, may not: ids are copied. `time` is RFC 3339 text. `state`
   * is a word that has a colour.
   */
  form?: 'text' | 'whole' | 'time' | 'state';
  /** Its colour in this row. A `state` has the colour of its word. */
  style?(row: Row): Style | undefined;
  /** A value is shortened to fewer characters only if no column can be left out; default: 16. */
  least?: number;
  /** The usual width, for a table whose later rows may be wider than the first. */
  usual?: number;
  /** A column that a narrow screen leaves out. The highest number is left out first. */
  leaveOut?: number;
}

export interface TableOptions<Row> {
  /** A sentence below the row. */
  note?(row: Row): string | undefined;
  /** Absolute times, for a list that stays on the screen. */
  absoluteTimes?: boolean;
}

/** Prints rows with the widths that the first rows need. */
export interface Table<Row> {
  print(rows: readonly Row[]): void;
}

export function printTable<Row>(
  context: Pick<CliContext, 'process' | 'screen'>,
  columns: readonly Column<Row>[],
  rows: readonly Row[],
): void {
  createTable(context, columns).print(rows);
}

/** A table for rows that arrive one after another. Its titles are printed before the first of them. */
export function createTable<Row>(
  { process, screen }: Pick<CliContext, 'process' | 'screen'>,
  columns: readonly Column<Row>[],
  { note, absoluteTimes = false }: TableOptions<Row> = {},
): Table<Row> {
  const now = new Date();
  const textOf = (column: Column<Row>, row: Row): string => {
    const value = column.of(row);
    if (column.form !== 'time' || typeof value !== 'string') return cell(value);
    const isRelative = screen.columns !== undefined && !absoluteTimes;
    return cell(isRelative && !Number.isNaN(Date.parse(value)) ? fromNow(value, now) : shortTime(value));
  };
  let layout: Layout<Row> | undefined;
  const show = (row: Row, { shown }: Layout<Row>) => {
    const cells = shown.map(({ column, width }) => {
      const text = textOf(column, row);
      const style = column.form === 'state' ? styleOf(text) : column.style?.(row);
      return painted(
        fitted(text, width, column.form === 'text' && screen.columns !== undefined),
        style,
        screen,
      );
    });
    print(process, lineOf(cells));
    const remark = note?.(row);
    if (remark === undefined) return;
    for (const line of wrap(cell(remark), (screen.columns ?? Number.POSITIVE_INFINITY) - 2))
      print(process, `  ${line}`);
  };
  return {
    print(rows) {
      if (layout === undefined) {
        layout = layOut(columns, (column) => rows.map((row) => textOf(column, row)), screen.columns);
        const titles = layout.shown.map(({ column, width }) => [column.title.padEnd(width), 'dim'] as const);
        print(process, lineOf(titles.map(([text, style]) => painted(text, style, screen))));
      }
      for (const row of rows) show(row, layout);
    },
  };
}

interface Shown<Row> {
  column: Column<Row>;
  width: number;
}

interface Layout<Row> {
  shown: Shown<Row>[];
}

const GAP = 2;
/** A value of this length is still useful. */
const SHORTEST = 16;

/** Which columns there are, and their widths. */
function layOut<Row>(
  columns: readonly Column<Row>[],
  textsOf: (column: Column<Row>) => string[],
  limit = Number.POSITIVE_INFINITY,
): Layout<Row> {
  let shown = columns.map((column) => ({
    column,
    width: Math.max(column.usual ?? 0, widest([column.title, ...textsOf(column)])),
  }));
  while (leastWidth(shown) > limit) {
    const [first] = shown
      .filter(({ column }) => column.leaveOut !== undefined)
      .sort((a, b) => (b.column.leaveOut ?? 0) - (a.column.leaveOut ?? 0));
    if (first === undefined) break;
    shown = shown.filter((one) => one !== first);
  }
  shrink(shown, limit);
  return { shown };
}

/** Shortens the widest column by one character, until all columns fit. */
function shrink<Row>(shown: readonly Shown<Row>[], limit: number): void {
  for (let excess = totalOf(shown.map(({ width }) => width)) - limit; excess > 0; excess -= 1) {
    const [widestOne] = shown.filter((one) => one.width > leastOf(one)).sort((a, b) => b.width - a.width);
    if (widestOne === undefined) return;
    widestOne.width -= 1;
  }
}

function leastWidth<Row>(shown: readonly Shown<Row>[]): number {
  return totalOf(shown.map(leastOf));
}

function leastOf<Row>({ column, width }: Shown<Row>): number {
  return column.form === 'text'
    ? Math.min(width, Math.max(column.least ?? SHORTEST, column.title.length))
    : width;
}

function totalOf(widths: readonly number[]): number {
  return widths.reduce((sum, width) => sum + width + GAP, -GAP);
}

function widest(texts: readonly string[]): number {
  return texts.reduce((most, text) => Math.max(most, lengthOf(text)), 0);
}

/** Exactly `width` characters, or more if the value must not be shortened. */
function fitted(text: string, width: number, mayShorten: boolean): string {
  const short = mayShorten ? shorten(text, width) : text;
  return short + ' '.repeat(Math.max(0, width - lengthOf(short)));
}

/** Colours only the text: a line must not end in coloured blanks. */
function painted(padded: string, style: Style | undefined, screen: Screen): string {
  const text = padded.trimEnd();
  return style === undefined ? padded : screen.paint(style, text) + padded.slice(text.length);
}

function lineOf(cells: readonly string[]): string {
  return cells.join(' '.repeat(GAP)).trimEnd();
}

/**
 * At most `width` characters, with an ellipsis in the middle, because both ends of names and addresses matter
 * most.
 */
export function shorten(text: string, width: number): string {
  const characters = [...text];
  if (characters.length <= width) return text;
  const end = Math.floor((width - 1) / 2);
  return [...characters.slice(0, width - 1 - end), '…', ...characters.slice(characters.length - end)].join(
    '',
  );
}

function lengthOf(text: string): number {
  return [...text].length;
}

const GOOD = new Set(['active', 'valid', 'success', 'online', 'signs']);
const BAD = new Set(['revoked', 'failure', 'disabled', 'expired', 'failed', 'invalid']);

function styleOf(state: string): Style {
  if (GOOD.has(state)) return 'green';
  return BAD.has(state) ? 'red' : 'yellow';
}
