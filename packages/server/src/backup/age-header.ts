// The header of an age file with one passphrase (c2sp.org/age): it carries the key of the file, encrypted
// under the passphrase with scrypt (RFC 7914). Refuses other recipients, spellings that are not canonical,
// and work factors that would take too much memory.
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  hkdfSync,
  randomBytes,
  scrypt,
  timingSafeEqual,
} from 'node:crypto';
import { promisify } from 'node:util';
import type { OctetReader } from './octet-reader.ts';
import { ALTERED, unreadable } from './unreadable.ts';

/** The binary logarithm of scrypt's cost: 128 MiB and about a second, as OWASP recommends for passwords. */
export const WORK_FACTOR = 17;

/** One GiB. A file that was made here never needs more. */
const MAX_WORK_FACTOR = 20;

const VERSION_LINE = 'age-encryption.org/v1';
const FILE_KEY_BYTES = 16;
const SALT_BYTES = 16;
const TAG_BYTES = 16;
const WRAPPED_BYTES = FILE_KEY_BYTES + TAG_BYTES;
const MAC_BYTES = 32;
/** The longest line is the last one. */
const MAX_LINE_BYTES = 64;
const ZERO_NONCE = Buffer.alloc(12);

export interface Header {
  octets: Buffer;
  fileKey: Buffer;
}

/** A new header, with a new key for the file. */
export async function createHeader(passphrase: string, workFactor: number): Promise<Header> {
  const fileKey = randomBytes(FILE_KEY_BYTES);
  const salt = randomBytes(SALT_BYTES);
  const wrapKey = await stretch(passphrase, salt, workFactor);
  const stanza = `-> scrypt ${base64(salt)} ${workFactor}\n${base64(wrap(wrapKey, fileKey))}`;
  const covered = `${VERSION_LINE}\n${stanza}\n---`;
  return { octets: Buffer.from(`${covered} ${base64(headerMac(fileKey, covered))}\n`), fileKey };
}

/** Reads a header, and returns the key of the file. Throws `backup_unreadable`. */
export async function readHeader(reader: OctetReader, passphrase: string): Promise<Buffer> {
  if ((await readLine(reader)) !== VERSION_LINE)
    throw unreadable(
      `is not a backup: it does not begin with ${VERSION_LINE}. Name a file of 'gatehouse backup'`,
    );
  const recipient = await readLine(reader);
  const { salt, workFactor } = parseRecipient(recipient);
  const wrapped = await readLine(reader);
  const [, mac] = /^--- (.+)$/.exec(await readLine(reader)) ?? [];
  const expected = decode(mac, MAC_BYTES);
  const wrapKey = await stretch(passphrase, salt, workFactor);
  const fileKey = unwrap(wrapKey, decode(wrapped, WRAPPED_BYTES));
  const covered = `${VERSION_LINE}\n${recipient}\n${wrapped}\n---`;
  if (!timingSafeEqual(headerMac(fileKey, covered), expected)) throw unreadable(ALTERED);
  return fileKey;
}

function parseRecipient(line: string): { salt: Buffer; workFactor: number } {
  const [, salt, factor] = /^-> scrypt (\S+) ([1-9]\d?)$/.exec(line) ?? [];
  if (salt === undefined)
    throw unreadable(
      'is not encrypted with one passphrase, so this command cannot open it: use the program age',
    );
  const workFactor = Number(factor);
  if (workFactor > MAX_WORK_FACTOR)
    throw unreadable(
      `has the work factor ${workFactor}, and more than ${MAX_WORK_FACTOR} takes too much memory`,
    );
  return { salt: decode(salt, SALT_BYTES), workFactor };
}

/** A line without its end. Octet by octet, because the header is short and what follows is binary. */
async function readLine(reader: OctetReader): Promise<string> {
  let line = '';
  for (;;) {
    const octet = (await reader.next(1)).toString('latin1');
    if (octet === '\n') return line;
    line += octet;
    if (octet === '' || line.length > MAX_LINE_BYTES) return line;
  }
}

const stretchAsync = promisify<string, Buffer, number, object, Buffer>(scrypt);

async function stretch(passphrase: string, salt: Buffer, workFactor: number): Promise<Buffer> {
  const N = 2 ** workFactor;
  const r = 8;
  const labelled = Buffer.concat([Buffer.from('age-encryption.org/v1/scrypt'), salt]);
  // Node refuses what needs just its limit, so the limit is twice the need.
  return stretchAsync(passphrase, labelled, 32, { N, r, p: 1, maxmem: 2 * 128 * N * r + 1024 * 1024 });
}

function wrap(wrapKey: Buffer, fileKey: Buffer): Buffer {
  const cipher = createCipheriv('chacha20-poly1305', wrapKey, ZERO_NONCE, { authTagLength: TAG_BYTES });
  return Buffer.concat([cipher.update(fileKey), cipher.final(), cipher.getAuthTag()]);
}

function unwrap(wrapKey: Buffer, wrapped: Buffer): Buffer {
  const cipher = createDecipheriv('chacha20-poly1305', wrapKey, ZERO_NONCE, { authTagLength: TAG_BYTES });
  cipher.setAuthTag(wrapped.subarray(FILE_KEY_BYTES));
  const fileKey = cipher.update(wrapped.subarray(0, FILE_KEY_BYTES));
  try {
    cipher.final();
    return fileKey;
  } catch (error) {
    throw unreadable(
      'is not opened by this passphrase: give the one that it was made with (or its first lines were altered)',
      error,
    );
  }
}

function headerMac(fileKey: Buffer, covered: string): Buffer {
  const key = hkdfSync('sha256', fileKey, '', 'header', 32);
  return createHmac('sha256', new Uint8Array(key)).update(covered).digest();
}

/** RFC 4648 §4 without padding. */
function base64(octets: Buffer): string {
  return octets.toString('base64').replaceAll('=', '');
}

/** Only the canonical spelling (RFC 4648 §3.5), so that no character can change without effect. */
function decode(text: string | undefined, length: number): Buffer {
  const octets = Buffer.from(text ?? '', 'base64');
  if (octets.length !== length || base64(octets) !== text) throw unreadable(ALTERED);
  return octets;
}
