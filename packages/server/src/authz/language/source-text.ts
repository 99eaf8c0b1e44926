// The text of a policy file. Places in it are lines and characters of a line, as people count them.

export interface Place {
  /** The name of the file. */
  file: string;
  line: number;
  column: number;
}

export interface SourceText {
  name: string;
  /** Without a byte order mark. */
  text: string;
  /** The place of an index into `text`. */
  placeAt(index: number): Place;
}

const BYTE_ORDER_MARK = '\uFEFF';

export function createSourceText({ name, text: written }: { name: string; text: string }): SourceText {
  const text = written.startsWith(BYTE_ORDER_MARK) ? written.slice(1) : written;
  const lineStarts = [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)];
  return {
    name,
    text,
    placeAt(index) {
      const line = lineOf(index, lineStarts);
      // An emoji is two units in JavaScript, and one character of a line.
      const column = [...text.slice(lineStarts[line - 1], index)].length + 1;
      return { file: name, line, column };
    },
  };
}

/** A part of a file: one policy. */
export interface Passage {
  source: SourceText;
  /** Its index in the text of the file. */
  start: number;
  text: string;
}

export function placeIn({ source, start }: Passage, index: number): Place {
  return source.placeAt(start + index);
}

/** From an offset in UTF-8, as Cedar counts, to an index into the text. */
export function indexOfOffset(text: string, offset: number): number {
  return Buffer.from(text).subarray(0, offset).toString().length;
}

/** A binary search, because a file can have many lines. */
function lineOf(index: number, lineStarts: readonly number[]): number {
  let [low, high] = [0, lineStarts.length];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((lineStarts[middle] ?? 0) <= index) low = middle;
    else high = middle;
  }
  return low + 1;
}
