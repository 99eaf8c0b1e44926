// Newline-delimited JSON: one value in each line. Skips empty lines.
import { parseJson } from './json.ts';
import { readLines } from './lines.ts';

/** The values of a stream. Throws `ClientError` for a line that is not JSON. */
export async function* readJsonLines<T>(stream: AsyncIterable<Uint8Array>): AsyncGenerator<T> {
  for await (const line of readLines(stream, /\r?\n/)) {
    if (line.trim() !== '') yield parseJson(line, () => 'a line of the answer') as T;
  }
}
