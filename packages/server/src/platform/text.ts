// Decodes text from outside: files and bodies. Refuses octets that are not UTF-8, because two different
// secrets could become the same text. Removes a byte order mark.
import { readFileSync } from 'node:fs';
import type { ErrorCode } from '@gatehouse/access';
import { GatehouseError } from '@gatehouse/access';
import { decodeUtf8, Utf8Error } from '@gatehouse/protocol';

/**
 * The text of `octets`. Throws `code`, with the name of the source and the position of the first octet that
 * is not valid UTF-8.
 */
export function decodeText(octets: Uint8Array, source: string, code: ErrorCode): string {
  try {
    return decodeUtf8(octets);
  } catch (error) {
    if (!(error instanceof Utf8Error)) throw error;
    const where = `at offset ${error.offset} is an octet that is not part of a character`;
    throw new GatehouseError(code, `${source} is not text in UTF-8 (${where}): write it in UTF-8.`, {
      cause: error,
    });
  }
}

/** The text of a file. Throws like `decodeText`, and Node's own error if the file cannot be read. */
export function readTextFile(path: string, code: ErrorCode): string {
  return decodeText(readFileSync(path), path, code);
}
