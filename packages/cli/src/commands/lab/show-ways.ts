// Four ways side by side, for people: who can read what, and the octets of each answer as text. Marks the
// message wherever it is readable.

import { wrap } from '../../output/lines.ts';
import { print, visible } from '../../output/print.ts';
import type { Screen, Style } from '../../output/screen.ts';
import { shorten } from '../../output/table.ts';
import type { CliContext } from '../../process.ts';
import { readConversation } from './conversation.ts';
import { findAll, type Mark, readable } from './dump.ts';
import type { Way } from './way.ts';

type Context = Pick<CliContext, 'process' | 'screen'>;

const TITLE = 'One message, four ways:';
const GAP = '  ';
const COLUMNS = 80;
const MOST_COLUMNS = 120;
/** The whole answer with a token fits at 80 columns. */
const TEXT_ROWS = 14;
const ENCRYPTED_ROWS = 8;

export function showWays(context: Context, ways: readonly Way[], message: string): void {
  const { process, screen } = context;
  const width = Math.min(screen.columns ?? COLUMNS, MOST_COLUMNS);
  const cells = createCells(context, Math.floor((width - GAP.length * (ways.length - 1)) / ways.length));
  const say = (text: string) => {
    for (const line of wrap(text, width)) print(process, line);
  };
  const octets = Buffer.from(message);

  const shown = shorten(visible(message), width - TITLE.length - 1);
  print(process, `${screen.paint('bold', TITLE)} ${screen.paint('red', shown)}`);
  print(process, '');
  cells.titles(ways.map(({ title }) => title));

  cells.heading('can the message be read on the way?');
  cells.words(ways.map(({ exchange }) => verdict(exchange.received.includes(octets))));
  cells.heading('can it be read where TLS ends, as in a proxy?');
  cells.words(ways.map(({ exchange }) => verdict(exchange.answer.includes(octets))));
  cells.heading('can the path be read on the way?');
  cells.words(ways.map(({ path, exchange }) => pathWord(path, exchange.sent)));
  cells.heading('can it be read where TLS ends?');
  cells.words(ways.map(({ path, exchange }) => pathWord(path, exchange.request)));
  cells.heading('octets on the way, sent and received');
  cells.words(
    ways.map(({ exchange: { sent, received } }) => [`${sent.length} + ${received.length}`, undefined]),
  );

  cells.heading('the request, on the way');
  cells.texts(ways.map((way) => ({ ...spoken(way, 'client'), marks: [] })));
  cells.heading('the answer, on the way');
  cells.texts(ways.map((way) => marked(spoken(way, 'server'), octets)));
  cells.heading('the answer, where TLS ends');
  cells.texts(ways.map(({ exchange }) => marked({ octets: exchange.answer, isText: true }, octets)));

  print(process, '');
  say(
    'Plain HTTP hides nothing. A Fernet token hides the message from everyone without the key. It does not hide the path and the headers, and both ends need the key beforehand. TLS needs no shared key, and hides everything except the name of the server. But the proxy where TLS ends reads everything. A sealed request is also encrypted for that proxy, with its path, its credentials and its answer.',
  );
  say("With a URL, 'gatehouse lab wire URL' shows the octets of one request.");
}

type Word = [text: string, style: Style | undefined];

const HIDDEN: Word = ['no', 'green'];

function pathWord(path: string, octets: Buffer): Word {
  return octets.includes(path) ? [`yes: ${path}`, 'red'] : HIDDEN;
}

function verdict(isReadable: boolean): Word {
  return isReadable ? ['yes', 'red'] : ['no', 'green'];
}

/** The octets of the request or the answer: all of them without TLS, the encrypted records with TLS. */
function spoken({ isTls, exchange }: Way, from: 'client' | 'server'): Omit<Text, 'marks'> {
  const all = exchange[from === 'client' ? 'sent' : 'received'];
  if (!isTls) return { octets: all, isText: true };
  const parts = readConversation(exchange.passages).parts.filter((part) => part.from === from);
  return { octets: parts.findLast(({ kind }) => kind === 'encrypted')?.octets ?? all, isText: false };
}

interface Text {
  octets: Buffer;
  /** Line feeds in it end lines. */
  isText: boolean;
  marks: Mark[];
}

function marked(text: Omit<Text, 'marks'>, message: Buffer): Text {
  return { ...text, marks: findAll(text.octets, message) };
}

/** Rows with one cell of this width for each way. */
function createCells({ process, screen }: Context, width: number) {
  const row = (cells: readonly string[]) => print(process, cells.join(GAP).trimEnd());
  return {
    titles(titles: readonly string[]) {
      row(titles.map((title) => screen.paint('bold', title.padEnd(width))));
      row(titles.map(() => screen.paint('dim', '─'.repeat(width))));
    },
    heading(text: string) {
      print(process, '');
      print(process, screen.paint('dim', text));
    },
    words(words: readonly Word[]) {
      row(words.map(([text, style]) => painted(text.padEnd(width), style, screen)));
    },
    texts(texts: readonly Text[]) {
      const columns = texts.map((text) => textLines(text, width, screen));
      const height = Math.max(...columns.map((lines) => lines.length));
      for (let index = 0; index < height; index += 1)
        row(columns.map((lines) => lines[index] ?? ' '.repeat(width)));
    },
  };
}

function painted(padded: string, style: Style | undefined, screen: Screen): string {
  return style === undefined ? padded : screen.paint(style, padded);
}

/** Lines of exactly this width. A marked part has carets below it. */
function textLines({ octets, isText, marks }: Text, width: number, screen: Screen): string[] {
  const lines: string[] = [];
  const most = isText ? TEXT_ROWS : ENCRYPTED_ROWS;
  let at = 0;
  while (at < octets.length && lines.length < most) {
    const end = isText ? lineEnd(octets, at, width) : Math.min(octets.length, at + width);
    lines.push(...markedLine(octets, { at, end, isText, marks }, { width, screen }));
    at = end;
  }
  const left = octets.length - at;
  return left > 0 ? [...lines, screen.paint('dim', `⋮ ${left} more`.padEnd(width))] : lines;
}

const LINE_FEED = 0x0a;

/** After a line feed, which takes no space, or after as many octets as fit. */
function lineEnd(octets: Buffer, at: number, width: number): number {
  const feed = octets.indexOf(LINE_FEED, at);
  const isNear = feed !== -1 && withoutLineEnd(octets, at, feed + 1) <= at + width;
  return isNear ? feed + 1 : Math.min(octets.length, at + width);
}

/** Where the text ends, without its line end. */
function withoutLineEnd(octets: Buffer, at: number, end: number): number {
  let last = end;
  while (last > at && LINE_ENDS.includes(octets[last - 1])) last -= 1;
  return last;
}

const LINE_ENDS: readonly unknown[] = [0x0d, 0x0a];

function markedLine(
  octets: Buffer,
  { at, end, isText, marks }: Omit<Text, 'octets'> & { at: number; end: number },
  { width, screen }: { width: number; screen: Screen },
): string[] {
  const isMarked = (index: number) =>
    marks.some(({ from, length }) => from <= index && index < from + length);
  const text = readable(octets.subarray(at, isText ? withoutLineEnd(octets, at, end) : end));
  const characters = [...text].map((character, index) => {
    if (isMarked(at + index)) return screen.paint('red', character);
    return isText ? character : screen.paint('dim', character);
  });
  const padding = ' '.repeat(width - text.length);
  const carets = [...text].map((_, index) => (isMarked(at + index) ? '^' : ' ')).join('');
  const line = characters.join('') + padding;
  return carets.trim() === '' ? [line] : [line, screen.paint('red', carets) + padding];
}
