// Lines of sums, as GNU coreutils writes and reads them: `HEX FILE`, and `NAME (FILE) = HEX` of BSD. In a
// file name, backslashes, line feeds and carriage returns are escaped. Then the line begins with a backslash.
import type { CheckAlgorithm } from '@gatehouse/client/hash';

/** One line, without its end. */
export function formatSum(sum: string, file: string): string {
  const name = escapeName(file);
  return name === file ? `${sum}  ${file}` : `\\${sum}  ${name}`;
}

/** The name, escaped for one line. */
export function escapeName(file: string): string {
  return file.replace(/[\\\n\r]/g, (character) => ESCAPES[character] ?? '');
}

/** Undefined if the line is not a sum of this algorithm. */
export function parseSum(line: string, algorithm: CheckAlgorithm): { sum: string; file: string } | undefined {
  const isEscaped = line.startsWith('\\');
  const text = isEscaped ? line.slice(1) : line;
  const { sum = '', name = '' } = (GNU.exec(text) ?? bsdLine(text, algorithm))?.groups ?? {};
  const file = isEscaped ? unescapeName(name) : name;
  if (sum.length !== DIGITS[algorithm] || file === undefined || file === '') return undefined;
  return { sum, file };
}

const ESCAPES: Record<string, string> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r' };
const UNESCAPES: Record<string, string> = { '\\\\': '\\', '\\n': '\n', '\\r': '\r' };

/** The second character after the sum is a star in binary mode. */
const GNU = /^(?<sum>[0-9a-f]+) [ *](?<name>.+)$/is;
const BSD = /^(?<tag>[A-Z0-9/-]+) ?\((?<name>.+)\) ?= ?(?<sum>[0-9a-f]+)$/is;

const DIGITS: Record<CheckAlgorithm, number> = {
  md5: 32,
  sha224: 56,
  sha256: 64,
  sha384: 96,
  sha512: 128,
  'sha512-256': 64,
  'sha3-224': 56,
  'sha3-256': 64,
  'sha3-384': 96,
  'sha3-512': 128,
  blake2b512: 128,
  blake2s256: 64,
};

/** Other names in these lines than ours in capital letters: those of b2sum and OpenSSL. */
const TAGS: Record<string, CheckAlgorithm> = {
  BLAKE2B: 'blake2b512',
  'BLAKE2B-512': 'blake2b512',
  'BLAKE2S-256': 'blake2s256',
  'SHA2-224': 'sha224',
  'SHA2-256': 'sha256',
  'SHA2-384': 'sha384',
  'SHA2-512': 'sha512',
};

function bsdLine(text: string, algorithm: CheckAlgorithm): RegExpExecArray | null {
  const match = BSD.exec(text);
  const tag = match?.groups?.tag?.toUpperCase() ?? '';
  return (TAGS[tag] ?? tag.toLowerCase()) === algorithm ? match : null;
}

function unescapeName(name: string): string | undefined {
  if (/\\(?![\\nr])/.test(name.replaceAll('\\\\', ''))) return undefined;
  return name.replace(/\\[\\nr]/g, (pair) => UNESCAPES[pair] ?? '');
}
