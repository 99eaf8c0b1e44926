// Parses JSON of servers, which sometimes send an HTML page instead. Loads nothing of Node.
import { ClientError } from '../errors.ts';

/** Throws `ClientError`, whose cause is the `SyntaxError`. `what` begins its sentence. */
export function parseJson(text: string, what: () => string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ClientError('protocol', `${what()} is not JSON: check that the address is right`, { cause });
  }
}

/** The same for a whole answer. */
export function jsonOf(text: string, response: Response): unknown {
  return parseJson(text, () => {
    const type = response.headers.get('content-type')?.split(';')[0] ?? 'without a type';
    return `the answer of ${new URL(response.url).origin} (${text === '' ? 'empty' : type})`;
  });
}
