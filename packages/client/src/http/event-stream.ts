// Server-sent events (HTML standard, "Interpreting an event stream"). Drops events without data, and an
// incomplete event at the end of the stream.
import { ClientError } from '../errors.ts';
import { readLines } from './lines.ts';

const MAX_EVENT_CHARACTERS = 16 * 1024 ** 2;

/** One event. */
export interface ServerSentEvent {
  /** Default: `message`. */
  event: string;
  data: string;
  /** The last id that the server sent. */
  id: string;
  /** How long to wait before a new connection, if this event says so. */
  retryMs: number | undefined;
}

/** The events of a stream. */
export async function* readEvents(stream: AsyncIterable<Uint8Array>): AsyncGenerator<ServerSentEvent> {
  let data: string[] = [];
  let characters = 0;
  let event = '';
  let id = '';
  let retryMs: number | undefined;
  for await (const line of readLines(stream, /\r\n|\n|\r/)) {
    if (line === '') {
      if (data.length > 0) yield { event: event || 'message', data: data.join('\n'), id, retryMs };
      [data, characters, event, retryMs] = [[], 0, '', undefined];
      continue;
    }
    const [, name = '', value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
    if (name === 'data') {
      data.push(value);
      characters += value.length + 1;
      if (characters > MAX_EVENT_CHARACTERS)
        throw new ClientError('limit', 'an event of the answer is too long');
    }
    if (name === 'event') event = value;
    else if (name === 'id' && !value.includes('\0')) id = value;
    else if (name === 'retry' && /^\d+$/.test(value)) retryMs = Number(value);
  }
}
