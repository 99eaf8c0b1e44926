// The archive inside a backup: tar in the form "ustar" (POSIX.1-1988), so that `tar` can unpack it. Writes
// and reads plain files in one folder only. Refuses links, folders, paths, and octets after the end.
import { createOctetReader } from './octet-reader.ts';
import { ALTERED, unreadable } from './unreadable.ts';

const BLOCK_BYTES = 512;
const SIZE_AT = 124;
const SIZE_BYTES = 12;
const CHECKSUM_AT = 148;
const TYPE_AT = 156;
/** Eleven octal digits. A larger size is a binary number with its first bit set, as GNU tar writes it. */
const MAX_OCTAL = 8 ** 11;
const READ_BYTES = 64 * 1024;

export interface TarEntry {
  name: string;
  size: number;
  /** Must be read to its end before the next entry. */
  content: AsyncIterable<Buffer>;
}

/** The octets of one file in the archive. Throws `TypeError` if `content` does not have the given size. */
export async function* tarFile(
  { name, size, modifiedAt }: { name: string; size: number; modifiedAt: number },
  content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  yield headerOf(name, size, modifiedAt);
  let written = 0;
  for await (const octets of content) {
    written += octets.length;
    yield octets;
  }
  if (written !== size) throw new TypeError(`${name} has ${written} octets, not ${size}`);
  yield Buffer.alloc(paddingOf(size));
}

/** The end of an archive: two blocks of zeros. */
export function tarEnd(): Buffer {
  return Buffer.alloc(2 * BLOCK_BYTES);
}

/** The entries of an archive, in order. Throws `backup_unreadable`. */
export async function* readTar(source: AsyncIterable<Uint8Array>): AsyncGenerator<TarEntry> {
  const reader = createOctetReader(source);
  const read = async (length: number) => {
    const octets = await reader.next(length);
    if (octets.length < length) throw unreadable(ALTERED);
    return octets;
  };
  async function* contentOf(size: number): AsyncGenerator<Buffer> {
    for (let left = size; left > 0; ) {
      const octets = await read(Math.min(left, READ_BYTES));
      left -= octets.length;
      yield octets;
    }
    await read(paddingOf(size));
  }
  try {
    for (;;) {
      const header = await read(BLOCK_BYTES);
      if (isZero(header)) break;
      const { name, size } = parseHeader(header);
      yield { name, size, content: contentOf(size) };
    }
    if (!isZero(await read(BLOCK_BYTES)) || (await reader.next(1)).length > 0) throw unreadable(ALTERED);
  } finally {
    await reader.close();
  }
}

function headerOf(name: string, size: number, modifiedAt: number): Buffer {
  const header = Buffer.alloc(BLOCK_BYTES);
  header.write(name, 0, 100);
  header.write(`0000600\0${'0000000\0'.repeat(2)}`, 100);
  writeSize(header, size);
  header.write(`${octal(Math.floor(modifiedAt / 1000), 11)}\0`, 136);
  header.write('0', TYPE_AT);
  header.write('ustar\x0000', 257);
  header.write(`${octal(checksumOf(header), 6)}\0 `, CHECKSUM_AT);
  return header;
}

function parseHeader(header: Buffer): { name: string; size: number } {
  const end = header.indexOf(0);
  const name = header.toString('latin1', 0, end);
  const checksum = Number.parseInt(header.toString('latin1', CHECKSUM_AT, CHECKSUM_AT + 6), 8);
  const isFile = header.toString('latin1', TYPE_AT, TYPE_AT + 1) === '0';
  if (checksum !== checksumOf(header) || !isFile || !/^[a-z0-9-]+(?:\.[a-z0-9-]+)*$/.test(name))
    throw unreadable('does not have the files of a backup: another program made it');
  return { name, size: readSize(header) };
}

function writeSize(header: Buffer, size: number): void {
  if (size < MAX_OCTAL) header.write(`${octal(size, 11)}\0`, SIZE_AT);
  else {
    header[SIZE_AT] = 0x80;
    header.writeUIntBE(size, SIZE_AT + SIZE_BYTES - 6, 6);
  }
}

function readSize(header: Buffer): number {
  if (header[SIZE_AT] === 0x80) return header.readUIntBE(SIZE_AT + SIZE_BYTES - 6, 6);
  return Number.parseInt(header.toString('latin1', SIZE_AT, SIZE_AT + 11), 8);
}

/** The sum of the header's octets, with spaces instead of the sum itself. */
function checksumOf(header: Buffer): number {
  return header.reduce(
    (sum, octet, at) => sum + (at >= CHECKSUM_AT && at < CHECKSUM_AT + 8 ? 0x20 : octet),
    0,
  );
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, '0');
}

function paddingOf(size: number): number {
  return (BLOCK_BYTES - (size % BLOCK_BYTES)) % BLOCK_BYTES;
}

function isZero(block: Buffer): boolean {
  return block.every((octet) => octet === 0);
}
