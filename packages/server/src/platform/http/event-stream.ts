// Server-sent events (WHATWG HTML §9.2): an answer that continues until its source ends or the client
// leaves.
import { PassThrough } from 'node:stream';
import type { Answer } from './answer.ts';

export interface ServerSentEvent {
  /** Sent as JSON, so a line break in it cannot begin another field. */
  data: unknown;
  /** The type; without one it is `message`. */
  event?: string;
  /** The client sends it as Last-Event-ID when it reconnects. */
  id?: string;
}

/** This server and many proxies close idle connections after two minutes. */
const COMMENT_INTERVAL_MS = 15_000;

/**
 * Sends the events of `source`, and comments in between, so that the connection is not cut. Give the source
 * the call's signal, so that it ends when the client leaves.
 *
 * @example
 * handle: (call) => eventStream(ledger.follow(call.signal()));
 */
export function eventStream(source: AsyncIterable<ServerSentEvent>): Answer & { status: 200; json?: never } {
  return {
    status: 200,
    headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-store' },
    body: linesOf(source),
  };
}

function linesOf(source: AsyncIterable<ServerSentEvent>): PassThrough {
  const out = new PassThrough();
  const comments = setInterval(() => out.write(': still here\n\n'), COMMENT_INTERVAL_MS);
  out.once('close', () => clearInterval(comments));
  out.write(':\n\n');
  copy(source, out).catch((error) => out.destroy(error));
  return out;
}

async function copy(source: AsyncIterable<ServerSentEvent>, out: PassThrough): Promise<void> {
  for await (const event of source) {
    if (out.destroyed) return;
    if (!out.write(textOf(event))) await drained(out);
  }
  out.end();
}

function drained(out: PassThrough): Promise<void> {
  return new Promise((resolve) => {
    const go = () => {
      out.off('drain', go).off('close', go);
      resolve();
    };
    out.once('drain', go).once('close', go);
  });
}

function textOf({ data, event, id }: ServerSentEvent): string {
  const fields = [
    ...(event === undefined ? [] : [`event: ${oneLine(event)}`]),
    ...(id === undefined ? [] : [`id: ${oneLine(id)}`]),
    `data: ${JSON.stringify(data)}`,
  ];
  return `${fields.join('\n')}\n\n`;
}

/** Throws a `TypeError` for a line break, which would begin another field. */
function oneLine(text: string): string {
  if (/[\r\n\0]/.test(text)) throw new TypeError('the name and the id of an event must have one line');
  return text;
}
