// PEM (RFC 7468), written in its strict form and read in its lax one (§3): lines of any width, white space around them, blank
// lines; headers of old encrypted keys (RFC 1421 §4.6). Text before, between and after blocks is skipped.
// Refuses truncated blocks, non-canonical base64, labels that differ, oversized input.
import { X509Error } from '../errors.ts';

/** One block: its label (`CERTIFICATE`, `PRIVATE KEY` …) and the octets it carries. */
export interface PemBlock {
  readonly label: string;
  readonly bytes: Buffer;
  /** Header fields by name, none in what is written today (RFC 7468 §2). */
  readonly headers: ReadonlyMap<string, string>;
}

/** The text of one block, lines of 64 characters, with a final newline. */
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
 * All blocks of a text, in order; none is not an error.
 * @throws X509Error `pem_too_large` beyond `maxBytes` (default 1 MiB), `pem_invalid` with the number of the line at fault
 */
export function decodePem(text: string, { maxBytes = DEFAULT_MAX_BYTES } = {}): PemBlock[] {
  if (Buffer.byteLength(text) > maxBytes) {
    throw new X509Error('pem_too_large', `PEM text is larger than the limit of ${maxBytes} bytes`);
  }
  const lines = text.replace(BYTE_ORDER_MARK, '').split(/\r\n|\r|\n/);
  const blocks: PemBlock[] = [];
  for (let index = 0; index < lines.length; index++) {
    if (!lines[index]?.startsWith('-----')) continue;
    const label = labelOf(lines, index);
    const end = endOfBlock(lines, index, label);
    blocks.push({ label, ...decodeBody(lines, index + 1, end) });
    index = end;
  }
  return blocks;
}

/**
 * The octets of a text that holds exactly one block, which has this label.
 * @throws X509Error as `decodePem`, and `pem_invalid` for another label or number of blocks
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
/** What some editors write first, as text and as octets that were read one by one. */
const BYTE_ORDER_MARK = /^(?:\uFEFF|\u00EF\u00BB\u00BF)/;
/** RFC 7468 §3, `label`, bounded so that one may be quoted in an error. */
const LABEL = /^(?=.{1,64}$)[!-,.-~]+(?:[ -][!-,.-~]+)*$/;
/** RFC 1421 §4.6: a name and a value; a line that begins with white space continues the one before. */
const HEADER = /^([A-Za-z][A-Za-z0-9-]*):[ \t]*(.*)$/;

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
  // Node's decoder skips what it does not know; only canonical base64 survives the way back.
  if (base64 === '' || bytes.toString('base64') !== base64)
    throw invalidLine(next, 'begins a body that is not base64, or is truncated');
  return { headers, bytes };
}

/** Header fields, and the line where the body begins: after the first blank one. */
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
