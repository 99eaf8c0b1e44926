// The data types of SSH (RFC 4251 §5) that keys use: uint32, string and mpint. Refuses truncated input,
// negative numbers, and octets after the last value.
import { X509Error } from '../../errors.ts';

/** Reads values in order. Each method throws `X509Error` `key_invalid`. */
export interface SshReader {
  readonly atEnd: boolean;
  uint32(): number;
  /** A copy. */
  string(): Buffer;
  /** An ASCII string, for names. */
  name(): string;
  /** Not negative. */
  mpint(): bigint;
  /** A copy of the rest. */
  rest(): Buffer;
}

/**
 * Calls `read` with a reader over these octets. `read` must consume all of them.
 * @throws X509Error `key_invalid`
 */
export function readSsh<T>(octets: Uint8Array, read: (reader: SshReader) => T): T {
  const reader = createReader(Buffer.from(octets));
  const value = read(reader);
  if (!reader.atEnd) throw damaged('octets follow after its end');
  return value;
}

const UINT32_OCTETS = 4;

function createReader(octets: Buffer): SshReader {
  let offset = 0;
  const take = (length: number) => {
    if (length > octets.length - offset) throw damaged('it is truncated');
    offset += length;
    return Buffer.from(octets.subarray(offset - length, offset));
  };
  const uint32 = () => take(UINT32_OCTETS).readUInt32BE();
  const string = () => take(uint32());
  return {
    get atEnd() {
      return offset === octets.length;
    },
    uint32,
    string,
    name: () => string().toString('latin1'),
    mpint: () => magnitudeOf(string()),
    rest: () => take(octets.length - offset),
  };
}

/**
 * Two's complement. Leading zeros change nothing; OpenSSH reads them too, although RFC 4251 §5 forbids them.
 */
function magnitudeOf(octets: Buffer): bigint {
  const [first = 0] = octets;
  if (first >= 0x80) throw damaged('a number is negative');
  return octets.length === 0 ? 0n : BigInt(`0x${octets.toString('hex')}`);
}

function damaged(reason: string): X509Error {
  return new X509Error('key_invalid', `the OpenSSH key is damaged: ${reason} (RFC 4251 §5)`);
}
