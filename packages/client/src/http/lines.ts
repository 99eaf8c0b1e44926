// The lines of a stream of UTF-8, with a limit for one line.
import { ClientError } from '../errors.ts';

const MAX_LINE_CHARACTERS = 16 * 1024 ** 2;

/** Lines without their ends. `end` matches one end of a line. */
export async function* readLines(stream: AsyncIterable<Uint8Array>, end: RegExp): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  let pieces: string[] = []; // of an incomplete line: searching it again for each piece would take too long
  let length = 0;
  for await (const chunk of stream) {
    const piece = decoder.decode(chunk, { stream: true });
    pieces.push(piece);
    length += piece.length;
    if (length > MAX_LINE_CHARACTERS) throw new ClientError('limit', 'a line of the answer is too long');
    if (!/[\r\n]/.test(piece) && !rest.endsWith('\r')) continue;
    rest += pieces.join('');
    // The LF of CR LF may follow.
    const held = rest.endsWith('\r') ? '\r' : '';
    const lines = rest.slice(0, rest.length - held.length).split(end);
    rest = (lines.pop() ?? '') + held;
    pieces = [];
    length = rest.length;
    yield* lines;
  }
  rest += pieces.join('') + decoder.decode();
  if (rest !== '') yield* rest.split(end);
}
