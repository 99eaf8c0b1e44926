// Changes that know lines, fields and what makes parsers of HTTP disagree.
import type { Random } from '../../harness/random.ts';

/** One change; undefined if the input has no lines. */
export function mutateHttp(input: Uint8Array, random: Random, other: Uint8Array): Uint8Array | undefined {
  const text = Buffer.from(input).toString('latin1');
  const lines = text.split(LINE_END);
  if (lines.length < 2) return undefined;
  return Buffer.from(random.pick(MUTATIONS)({ text, lines, other }, random), 'latin1');
}

interface Parts {
  text: string;
  lines: string[];
  other: Uint8Array;
}

const LINE_END = '\r\n';
const BITS = [
  '\r',
  '\n',
  '\r\n',
  '\r\n\r\n',
  '\r\r\n',
  '\n\n',
  ' ',
  '\t',
  ':',
  ';',
  ',',
  '"',
  '\\',
  '=',
  '\0',
  '\x0b',
  '\x0c',
  '\x1b',
  '\x7f',
  '\x80',
  '\x85',
  '\xa0',
  '\xff',
  '0',
  '1',
  '-',
  '+',
  '0x',
  'e',
  '_',
  'chunked',
  'identity',
  'close',
  'keep-alive',
  'upgrade',
  'HTTP/1.1',
  'HTTP/1.0',
  'HTTP/1.',
  '100-continue',
  '*',
  '/',
  '#',
  '?',
  '%0d%0a',
] as const;
const LINES = [
  'Content-Length: 0',
  'Content-Length: 3',
  'Content-Length:3',
  'content-length: 03',
  'Content-Length: +3',
  'Content-Length : 3',
  'Content-Length: 3, 3',
  'Transfer-Encoding: chunked',
  'Transfer-Encoding:chunked ',
  'TRANSFER-ENCODING: CHUNKED',
  'Transfer-Encoding: gzip, chunked',
  'Transfer-Encoding: chunked, identity',
  'Transfer-Encoding : chunked',
  'Transfer-Encoding:\tchunked',
  'Transfer-Encoding: \x0bchunked',
  'Transfer_Encoding: chunked',
  'Connection: close',
  'Connection: keep-alive',
  'Connection: upgrade',
  'Connection: a, close',
  'Proxy-Connection: close',
  'Upgrade: h2c',
  'Upgrade: websocket',
  'Host: b',
  'Host:',
  'Expect: 100-continue',
  ' folded',
  '\tfolded',
  'X',
  ': x',
  'X:',
  'X: \xe9',
  '0',
  '3',
  '3;a=b',
  'abc',
  '',
  'GET / HTTP/1.1',
  'POST /b HTTP/1.0',
  'HTTP/1.1 200 OK',
  'HTTP/1.1 100 Continue',
  'HTTP/1.0 204',
] as const;

const MUTATIONS: readonly ((parts: Parts, random: Random) => string)[] = [
  ({ text }, random) => insertAt(text, random.below(text.length + 1), random.pick(BITS)),
  ({ text }, random) => insertAt(text, edgeOf(text, random), random.pick(BITS)),
  ({ lines }, random) => withLines(lines, random, 0, [random.pick(LINES)]),
  ({ lines }, random) => withLines(lines, random, 0, [random.pick(lines)]),
  ({ lines }, random) => withLines(lines, random, 1, []),
  ({ lines }, random) => withLines(lines, random, 1, [random.pick(LINES)]),
  ({ lines, other }, random) => {
    const theirs = Buffer.from(other).toString('latin1').split(LINE_END);
    return withLines(lines, random, random.below(2), [random.pick(theirs)]);
  },
  ({ lines }, random) =>
    joinWith(lines, random, random.pick(['\n', '\r', '', '\r\r\n', '\n\r\n', ' \r\n', '\r\n ', '\r\n\t'])),
  ({ text }, random) => {
    const at = random.below(text.length);
    const character = text[at] ?? '';
    const swapped = character === character.toLowerCase() ? character.toUpperCase() : character.toLowerCase();
    // Some characters have no single octet in the other case.
    return insertAt(text.slice(0, at) + text.slice(at + 1), at, swapped.length === 1 ? swapped : character);
  },
  ({ text }, random) => text.replace(/\d+/, () => String(random.pick([0, 1, 2, 3, 7, 10, 16, 255, 4096]))),
  ({ text, other }) => text + Buffer.from(other).toString('latin1'),
];

function insertAt(text: string, at: number, bit: string): string {
  return text.slice(0, at) + bit + text.slice(at);
}

/** A place before or after something that delimits. */
function edgeOf(text: string, random: Random): number {
  const edges = [...text.matchAll(/[\r\n:;, ]/g)].map(({ index }) => index + random.below(2));
  return edges.length === 0 ? 0 : random.pick(edges);
}

function withLines(lines: string[], random: Random, remove: number, insert: string[]): string {
  const at = random.below(lines.length);
  return [...lines.slice(0, at), ...insert, ...lines.slice(at + remove)].join(LINE_END);
}

function joinWith(lines: string[], random: Random, end: string): string {
  const at = 1 + random.below(lines.length - 1);
  return lines.slice(0, at).join(LINE_END) + end + lines.slice(at).join(LINE_END);
}
