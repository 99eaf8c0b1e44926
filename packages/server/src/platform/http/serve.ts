// The application's answers on Node's HTTP server (RFC 9112), each written whole. A body that nobody read is read for a moment
// and thrown away: to close on it at once could lose the answer on its way (§9.6), to read it all would cost its sender nothing.
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Log } from '../log.ts';
import type { App } from './app.ts';
import type { Answer } from './route.ts';

export function createRequestListener(app: App, log: Pick<Log, 'error'>): RequestListener {
  return async (incoming, outgoing) => {
    try {
      send(await app.answer(incoming), incoming, outgoing);
    } catch (error) {
      log.error({ err: error }, 'an answer could not be sent');
      outgoing.destroy();
    }
  };
}

const UNREAD_BYTES = 64 * 1024;
const UNREAD_TIMEOUT_MS = 500;

function send(
  { status, headers, body = '' }: Answer,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): void {
  if (isUnread(incoming)) outgoing.once('finish', () => discardRest(incoming));
  // 204 is over after its header (RFC 9110 §8.6).
  outgoing.writeHead(
    status,
    status === 204 ? headers : { ...headers, 'content-length': Buffer.byteLength(body) },
  );
  outgoing.end(body);
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
