// Text from files, standard input and answers. Refuses octets that are not UTF-8, because two different
// secrets could become the same text. Removes a byte order mark.
import { decodeUtf8, Utf8Error } from '@gatehouse/protocol';
import { CliError, exitStatus, usageError } from '../exit-status.ts';

/** The character that decoders write for octets that are not UTF-8. */
const REPLACEMENT = '\ufffd';

/**
 * The text of `octets`. Throws `CliError` with the name of the source and the place of the first octet that
 * is not UTF-8.
 */
export function decodeText(octets: Uint8Array, source: string): string {
  try {
    return decodeUtf8(octets);
  } catch (error) {
    if (!(error instanceof Utf8Error)) throw error;
    const where = `at offset ${error.offset} is an octet that is not part of a character`;
    throw new CliError(
      exitStatus.failed,
      `${source} is not text in UTF-8 (${where}): save or send it as UTF-8`,
      { cause: error },
    );
  }
}

/** Whether text that Node has decoded, from arguments or a terminal, was UTF-8. */
export function isText(text: string): boolean {
  return !text.includes(REPLACEMENT);
}

/** Throws a usage error unless it was UTF-8. */
export function requireText(text: string, what: string): void {
  if (!isText(text)) throw usageError(`${what} is not text in UTF-8: set the terminal to UTF-8`);
}
