// Sends the application's answers on Node's HTTP server (RFC 9112). A request body that no handler read is
// read for a moment and discarded: closing at once could destroy the answer on its way (§9.6), and reading
// all of it could take any time.
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Log } from '../log/log.ts';
import type { App, FinishedAnswer } from './app.ts';

export function createRequestListener(app: App, log: Pick<Log, 'event'>): RequestListener {
  return async (incoming, outgoing) => {
    try {
      await send(await app.answer(incoming), incoming, outgoing);
    } catch (error) {
      if (!leftEarly(error)) log.event('control.answer_not_sent', { error });
      outgoing.destroy();
    }
  };
}

/** Whether the client left in the middle of a stream. This is not our failure. */
function leftEarly(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ERR_STREAM_PREMATURE_CLOSE';
}

const UNREAD_BYTES = 64 * 1024;
const UNREAD_TIMEOUT_MS = 500;

function send(
  answer: FinishedAnswer,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> | void {
  const { status, headers, body = '' } = answer;
  if (answer.takeOver) return handOver(answer, incoming, outgoing);
  if (isUnread(incoming)) outgoing.once('finish', () => discardRest(incoming));
  if (typeof body !== 'string' && !(body instanceof Uint8Array)) {
    outgoing.writeHead(status, headers);
    return sendStream(body, incoming, outgoing);
  }
  // A 204 and a 304 end after the header (RFC 9110 §8.6).
  if (status !== 204 && status !== 304) headers['content-length'] = String(Buffer.byteLength(body));
  outgoing.writeHead(status, headers);
  outgoing.end(body);
}

async function sendStream(
  body: AsyncIterable<string | Uint8Array>,
  { method }: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  // A wrapper around a stream would not close it if it is never read.
  const stream = body instanceof Readable ? body : Readable.from(body);
  if (method !== 'HEAD') return pipeline(stream, outgoing);
  stream.destroy();
  outgoing.end();
}

/** The foreign handler's own fields replace ours. If it fails before it answers, we answer. */
async function handOver(
  { headers, takeOver, failed }: FinishedAnswer,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  for (const [name, value] of Object.entries(headers)) outgoing.setHeader(name, value);
  try {
    await takeOver?.(incoming, outgoing);
  } catch (error) {
    if (!failed || outgoing.headersSent) throw error;
    for (const name of outgoing.getHeaderNames()) outgoing.removeHeader(name);
    await send(failed(error), incoming, outgoing);
  }
}

function isUnread(incoming: IncomingMessage): boolean {
  return !incoming.complete || incoming.readableLength > 0;
}

function discardRest(incoming: IncomingMessage): void {
  let left = UNREAD_BYTES;
  const cut = () => incoming.socket.destroySoon();
  const late = setTimeout(cut, UNREAD_TIMEOUT_MS);
  for (const over of ['end', 'close']) incoming.once(over, () => clearTimeout(late));
  incoming.on('data', (chunk: Buffer) => {
    left -= chunk.length;
    if (left < 0) cut();
  });
  incoming.resume();
}
