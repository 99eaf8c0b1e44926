// Events of notes as server-sent events (WHATWG HTML §9.2): first a retry time, then events, and comments as
// heartbeats. Refuses too many streams, and ends the stream of a client that reads too slowly.
import { errorAnswer } from '../answers.ts';
import type { Handler } from '../routes.ts';
import type { Note } from './note-store.ts';

export interface NoteEventsConfig {
  heartbeatSeconds: number;
  maxStreams: number;
}

export interface NoteEvents {
  created(note: Note): void;
  deleted(id: string): void;
  /** Answers with a stream that lasts until the client disconnects or `close` is called. */
  stream: Handler;
  close(): void;
}

type Stream = ReadableStreamDefaultController<Uint8Array>;

const RETRY_MILLISECONDS = 3000;
// The limit for one client that does not read.
const MAX_QUEUED_BYTES = 65_536;
const HEADERS = { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' };

/** Creates a source of events without listeners. */
export function createNoteEvents({ heartbeatSeconds, maxStreams }: NoteEventsConfig): NoteEvents {
  const streams = new Set<Stream>();
  let heartbeat: NodeJS.Timeout | undefined;

  return {
    created: (note) => broadcast(formatEvent('created', note)),
    deleted: (id) => broadcast(formatEvent('deleted', { id })),
    stream(context) {
      if (context.req.method === 'HEAD') return new Response(null, { headers: HEADERS });
      if (streams.size >= maxStreams)
        return errorAnswer(503, 'Too many event streams', { 'Retry-After': '30' });
      return new Response(openStream(), { headers: HEADERS });
    },
    close() {
      for (const stream of streams) end(stream);
    },
  };

  function openStream(): ReadableStream<Uint8Array> {
    let stream: Stream;
    return new ReadableStream<Uint8Array>(
      {
        start(controller) {
          stream = controller;
          streams.add(stream);
          heartbeat ??= setInterval(() => broadcast(': heartbeat\n\n'), heartbeatSeconds * 1000);
          stream.enqueue(new TextEncoder().encode(`retry: ${RETRY_MILLISECONDS}\n\n`));
        },
        cancel: () => forget(stream),
      },
      new ByteLengthQueuingStrategy({ highWaterMark: MAX_QUEUED_BYTES }),
    );
  }

  function broadcast(text: string): void {
    const bytes = new TextEncoder().encode(text);
    for (const stream of streams) {
      if ((stream.desiredSize ?? 0) < bytes.length) end(stream);
      else stream.enqueue(bytes);
    }
  }

  function end(stream: Stream): void {
    forget(stream);
    stream.close();
  }

  function forget(stream: Stream): void {
    streams.delete(stream);
    if (streams.size > 0) return;
    clearInterval(heartbeat);
    heartbeat = undefined;
  }
}

function formatEvent(type: string, data: object): string {
  return `event: ${type}\ndata: ${JSON.stringify(data)}\n\n`;
}
