// Decodes text in UTF-8 (RFC 3629), without a byte order mark at its beginning (§6). Refuses other octets:
// most decoders replace each wrong octet by U+FFFD, so two different secrets become the same text.
import { ProtocolError } from './errors.ts';

/**
 * Octets that are not UTF-8. The message has the place, and does not quote the octets.
 * @example
 * if (error instanceof Utf8Error) console.error(`not UTF-8 at offset ${error.offset}`);
 */
export class Utf8Error extends ProtocolError<'utf8_invalid'> {
  /** Where the first character that is not UTF-8 begins, counted from 0. */
  readonly offset: number;

  constructor(offset: number, options?: ErrorOptions) {
    super('utf8_invalid', `The octets at offset ${offset} are not UTF-8.`, options);
    this.offset = offset;
  }
}

// It is not used for streams, so it has no state between texts.
const whole = new TextDecoder('utf-8', { fatal: true });

/**
 * Decodes octets in UTF-8, without a byte order mark.
 * @throws Utf8Error `utf8_invalid`
 * @example
 * decodeUtf8(Uint8Array.of(0x63, 0x61, 0x66, 0xc3, 0xa9)); // 'café'
 * decodeUtf8(Uint8Array.of(0x63, 0x61, 0x66, 0xe9)); // throws: this is Latin-1
 */
export function decodeUtf8(octets: Uint8Array): string {
  try {
    return whole.decode(octets);
  } catch (cause) {
    throw new Utf8Error(firstInvalid(octets), { cause });
  }
}

/**
 * A decoder does not say where it failed, so this passes single octets, and remembers where each character
 * begins.
 */
function firstInvalid(octets: Uint8Array): number {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  let start = 0;
  for (let offset = 0; offset < octets.length; offset += 1) {
    try {
      if (decoder.decode(octets.subarray(offset, offset + 1), { stream: true }) !== '') start = offset + 1;
    } catch {
      return start;
    }
  }
  return start; // the last character is truncated
}
