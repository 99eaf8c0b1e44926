// Octets in rows of 16, in hexadecimal and as text. A mark is coloured, and has a row of carets below it for
// terminals without colour.
import type { Screen, Style } from '../../output/screen.ts';

export interface Mark {
  /** Offset of its first octet. */
  from: number;
  length: number;
}

export interface DumpOptions {
  marks?: readonly Mark[];
  /** The most rows. It shows the first rows and those with a mark. */
  maxRows?: number;
  /** Of the text and the hexadecimal digits. */
  style?: Style | undefined;
}

const ROW = 16;
const HALF = 8;

export function dump(
  octets: Uint8Array,
  screen: Pick<Screen, 'paint'>,
  { marks = [], maxRows = Number.POSITIVE_INFINITY, style }: DumpOptions = {},
): string[] {
  const rows = shownRows(octets.length, marks, maxRows);
  const lines: string[] = [];
  let next = 0;
  for (const row of rows) {
    if (row > next) lines.push(gap((row - next) * ROW, screen));
    lines.push(...rowLines(octets, row * ROW, { marks, style }, screen));
    next = row + 1;
  }
  const left = octets.length - next * ROW;
  return left > 0 ? [...lines, gap(left, screen)] : lines;
}

/** Where `needle` is in `octets`. */
export function findAll(octets: Buffer, needle: Uint8Array): Mark[] {
  const marks: Mark[] = [];
  if (needle.length === 0) return marks;
  for (let from = octets.indexOf(needle); from !== -1; from = octets.indexOf(needle, from + needle.length))
    marks.push({ from, length: needle.length });
  return marks;
}

/**
 * One character for each octet; a middle dot for control characters and others that a terminal cannot show.
 */
export function readable(octets: Uint8Array): string {
  return Array.from(octets, (octet) =>
    octet >= 0x20 && octet < 0x7f ? String.fromCharCode(octet) : '·',
  ).join('');
}

export function countOctets(count: number): string {
  return `${count.toLocaleString('en')} ${count === 1 ? 'octet' : 'octets'}`;
}

function shownRows(length: number, marks: readonly Mark[], maxRows: number): number[] {
  const rows = Array.from({ length: Math.ceil(length / ROW) }, (_, row) => row);
  if (rows.length <= maxRows) return rows;
  return rows.filter((row) => row < maxRows || isMarkedRow(row, marks));
}

function isMarkedRow(row: number, marks: readonly Mark[]): boolean {
  return marks.some(({ from, length }) => from < (row + 1) * ROW && from + length > row * ROW);
}

function gap(count: number, { paint }: Pick<Screen, 'paint'>): string {
  return paint('dim', `   ⋮  ${countOctets(count)} more`);
}

function rowLines(
  octets: Uint8Array,
  at: number,
  { marks, style }: Required<Pick<DumpOptions, 'marks'>> & Pick<DumpOptions, 'style'>,
  { paint }: Pick<Screen, 'paint'>,
): string[] {
  const row = octets.subarray(at, at + ROW);
  const isMarked = (index: number) =>
    marks.some(({ from, length }) => from <= at + index && at + index < from + length);
  const dressed = (text: string, index: number) => {
    if (isMarked(index)) return paint('red', text);
    return style === undefined ? text : paint(style, text);
  };
  const digits = Array.from(row, (octet, index) => {
    const space = index === 0 ? '' : index === HALF ? '  ' : ' ';
    return space + dressed(octet.toString(16).padStart(2, '0'), index);
  }).join('');
  const width = row.length * 3 - 1 + (row.length > HALF ? 1 : 0);
  const text = [...readable(row)].map(dressed).join('');
  const offset = paint('dim', at.toString(16).padStart(4, '0'));
  const lines = [`${offset}  ${digits}${' '.repeat(HEX_WIDTH - width)}  ${text}`];
  const carets = Array.from(row, (_, index) => (isMarked(index) ? '^' : ' '))
    .join('')
    .trimEnd();
  return carets === '' ? lines : [...lines, ' '.repeat(OFFSET_WIDTH + HEX_WIDTH + 2) + paint('red', carets)];
}

const OFFSET_WIDTH = 6;
const HEX_WIDTH = ROW * 3;
