// One message in four ways: in plain HTTP, as a Fernet token, over TLS, and as a token inside TLS. Servers,
// clients and relays run in this process, on loopback.

import { printJson } from '../../output/print.ts';
import type { CliContext } from '../../process.ts';
import { exchange } from './exchange.ts';
import { MESSAGE_PATH, startMessageServer, TOKEN_PATH } from './message-server.ts';
import { showWays } from './show-ways.ts';
import type { Way } from './way.ts';

/** Every line of request and answer fits a quarter of 80 columns. */
const WAYS = [
  { name: 'http', title: 'plain HTTP', path: MESSAGE_PATH, isTls: false },
  { name: 'fernet', title: 'Fernet token', path: TOKEN_PATH, isTls: false },
  { name: 'tls', title: 'TLS', path: MESSAGE_PATH, isTls: true },
  { name: 'sealed', title: 'token inside TLS', path: TOKEN_PATH, isTls: true },
] as const;

export async function fourWays(
  context: CliContext,
  { message, json, timeout }: { message: string; json?: boolean; timeout: number },
): Promise<void> {
  await using server = await startMessageServer(message);
  const ways: Way[] = [];
  for (const way of WAYS) {
    const url = new URL(way.path, way.isTls ? server.httpsUrl : server.httpUrl);
    const options = { hostHeader: 'localhost', roots: server.root, timeoutSeconds: timeout };
    ways.push({ ...way, exchange: await exchange(url, options) });
  }
  if (json) printJson(context.process, { message, ways: ways.map((way) => documentOf(way, message)) });
  else showWays(context, ways, message);
}

/** `answer` is what is seen where TLS ends, as in a proxy; without TLS, that is everywhere. */
function documentOf({ name, exchange: { sent, received, answer } }: Way, message: string) {
  return {
    way: name,
    sent: sent.toString('base64'),
    received: received.toString('base64'),
    answer: answer.toString('base64'),
    visibleOnTheWay: received.includes(message),
    visibleWhereTlsEnds: answer.includes(message),
  };
}
