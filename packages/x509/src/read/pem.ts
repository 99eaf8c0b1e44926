// PEM (RFC 7468), written in its strict form and read in its lax form (§3): lines of any width, white space
// around them, blank lines, and the headers of old encrypted keys (RFC 1421 §4.6). Skips text outside of
// blocks, also lines of dashes. Refuses truncated blocks, damaged boundaries, base64 that is not canonical,
// and input that is too large.
import { X509Error } from '../errors.ts';

/** One block: its label (`CERTIFICATE`, `PRIVATE KEY` …) and the octets it carries. */
export interface PemBlock {
  readonly label: string;
  readonly bytes: Buffer;
  /** Header fields by name. Only old encrypted keys have them (RFC 7468 §2). */
  readonly headers: ReadonlyMap<string, string>;
}

/**
 * Writes one block: lines of 64 characters, and a newline at the end.
 * @throws TypeError for a label that RFC 7468 §3 does not allow
 * @example
 * const pem = encodePem('CERTIFICATE', certificate.der);
 */
export function encodePem(label: string, bytes: Uint8Array): string {
  if (!LABEL.test(label)) throw new TypeError('not a PEM label');
  const base64 = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64');
  let lines = '';
  for (let start = 0; start < base64.length; start += LINE_LENGTH) {
    lines += `${base64.slice(start, start + LINE_LENGTH)}\n`;
  }
  return `-----BEGIN ${label}-----\n${lines}-----END ${label}-----\n`;
}

/**
 * Reads all blocks of a text, in order. A text without blocks gives an empty list. A byte order mark is
 * ignored, also where files that begin with one were joined.
 * @throws X509Error `pem_too_large` beyond `maxBytes` (1 MiB by default), `pem_invalid` with the number of
 * the bad line
 * @example
 * const labels = decodePem(readFileSync('chain.pem', 'utf8')).map(({ label }) => label);
 */
export function decodePem(text: string, { maxBytes = DEFAULT_MAX_BYTES } = {}): PemBlock[] {
  if (Buffer.byteLength(text) > maxBytes) {
    throw new X509Error('pem_too_large', `PEM text is larger than the limit of ${maxBytes} bytes`);
  }
  const lines = text.split(/\r\n|\r|\n/).map(withoutByteOrderMark);
  const blocks: PemBlock[] = [];
  for (let index = 0; index < lines.length; index++) {
    if (!BOUNDARY.test(lines[index] ?? '')) continue;
    const label = labelOf(lines, index);
    const end = endOfBlock(lines, index, label);
    blocks.push({ label, ...decodeBody(lines, index + 1, end) });
    index = end;
  }
  return blocks;
}

/**
 * Reads a text that holds exactly one block, with this label, and returns its octets.
 * @throws X509Error as `decodePem`, and `pem_invalid` for another label or another number of blocks
 * @example
 * const der = decodePemBlock(pem, 'CERTIFICATE');
 */
export function decodePemBlock(text: string, label: string): Buffer {
  const [block, ...others] = decodePem(text);
  if (block === undefined) throw new X509Error('pem_invalid', `no PEM block; expected ${label}`);
  if (block.label !== label)
    throw new X509Error('pem_invalid', `PEM block is ${block.label}; expected ${label}`);
  if (others.length > 0)
    throw new X509Error('pem_invalid', `${others.length + 1} PEM blocks; expected one ${label}`);
  return block.bytes;
}

const DEFAULT_MAX_BYTES = 1024 * 1024;
const LINE_LENGTH = 64;
/**
 * Text that does not begin like this is outside of blocks. A damaged boundary is an error, because otherwise
 * a block would be lost silently.
 */
const BOUNDARY = /^-----(?:BEGIN|END) /;
/** RFC 7468 §3, `label`. It is limited in length because errors quote it. */
const LABEL = /^(?=.{1,64}$)[!-,.-~]+(?:[ -][!-,.-~]+)*$/;
/** RFC 1421 §4.6: a name and a value. A line that begins with white space continues the line before. */
const HEADER = /^([A-Za-z][A-Za-z0-9-]*):[ \t]*(.*)$/;

/** Some editors write a byte order mark first. In text decoded as Latin-1 it is three characters. */
function withoutByteOrderMark(line: string): string {
  if (line.startsWith('\uFEFF')) return line.slice(1);
  return line.startsWith('\u00EF\u00BB\u00BF') ? line.slice(3) : line;
}

function labelOf(lines: readonly string[], index: number): string {
  const label = /^-----BEGIN (.*)-----[ \t]*$/.exec(lines[index] ?? '')?.[1];
  if (label === undefined || !LABEL.test(label)) throw invalidLine(index, 'is not the beginning of a block');
  return label;
}

function endOfBlock(lines: readonly string[], begin: number, label: string): number {
  let end = begin + 1;
  while (end < lines.length && !lines[end]?.startsWith('-----')) end++;
  if (end === lines.length)
    throw invalidLine(begin, 'begins a block that does not end; the text is truncated');
  if (lines[end]?.trimEnd() !== `-----END ${label}-----`)
    throw invalidLine(end, 'does not end the open block');
  return end;
}

function decodeBody(lines: readonly string[], start: number, end: number): Omit<PemBlock, 'label'> {
  const { headers, next } = readHeaders(lines, start, end);
  const base64 = lines
    .slice(next, end)
    .join('')
    .replace(/[ \t\f\v]+/g, '');
  const bytes = Buffer.from(base64, 'base64');
  // Node's decoder skips unknown characters. Encoding again shows whether the text was canonical.
  if (base64 === '' || bytes.toString('base64') !== base64)
    throw invalidLine(next, 'begins a body that is not base64, or that is truncated');
  return { headers, bytes };
}

/** Header fields, and the line where the body begins: the line after the first blank line. */
function readHeaders(lines: readonly string[], start: number, end: number) {
  const headers = new Map<string, string>();
  let next = start;
  for (let name = ''; next < end; next++) {
    const line = lines[next]?.trimEnd() ?? '';
    const [, field, value = ''] = HEADER.exec(line) ?? [];
    if (field === undefined && (name === '' || !/^[ \t]/.test(line))) break;
    headers.set(field ?? name, field === undefined ? headers.get(name) + line.trim() : value);
    name = field ?? name;
  }
  if (headers.size > 0 && lines[next]?.trimEnd() !== '')
    throw invalidLine(next, 'must be blank after the headers');
  return { headers, next };
}

function invalidLine(index: number, problem: string): X509Error {
  return new X509Error('pem_invalid', `PEM line ${index + 1} ${problem} (RFC 7468 §3)`);
}
