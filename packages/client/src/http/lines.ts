// The lines of a stream of UTF-8, with a limit for one line.
import { ClientError } from '../errors.ts';

const MAX_LINE_CHARACTERS = 16 * 1024 ** 2;

/** Lines without their ends. `end` matches one end of a line. */
export async function* readLines(stream: AsyncIterable<Uint8Array>, end: RegExp): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of stream) {
    rest += decoder.decode(chunk, { stream: true });
    // The second half of CR LF may still come.
    const held = rest.endsWith('\r') ? '\r' : '';
    const lines = rest.slice(0, rest.length - held.length).split(end);
    rest = (lines.pop() ?? '') + held;
    if (rest.length > MAX_LINE_CHARACTERS) throw new ClientError('limit', 'a line of the answer is too long');
    yield* lines;
  }
  rest += decoder.decode();
  if (rest !== '') yield* rest.split(end);
}
