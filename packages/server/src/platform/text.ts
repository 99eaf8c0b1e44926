// Text from octets that come from outside: files and bodies. Refuses what is not UTF-8, in which two different secrets could
// become one, and leaves out a byte order mark.
import { readFileSync } from 'node:fs';
import { decodeUtf8, Utf8Error } from '@gatehouse/protocol';
import { type ErrorCode, GatehouseError } from './errors.ts';

/** The text of `octets`. Throws `code`, with the name of the source and the place of the first octet that is not UTF-8. */
export function decodeText(octets: Uint8Array, source: string, code: ErrorCode): string {
  try {
    return decodeUtf8(octets);
  } catch (error) {
    if (!(error instanceof Utf8Error)) throw error;
    const where = `at offset ${error.offset} is an octet that belongs to no character`;
    throw new GatehouseError(code, `${source} is not text in UTF-8 (${where}): write it in UTF-8.`, {
      cause: error,
    });
  }
}

/** The text of a file. Throws as `decodeText` does, and Node's own error where the file cannot be read. */
export function readTextFile(path: string, code: ErrorCode): string {
  return decodeText(readFileSync(path), path, code);
}
