// One message in four ways: in plain HTTP, as a Fernet token, over TLS, and sealed inside TLS. Servers,
// clients and relays run in this process, on loopback.
import { SEALED_REQUESTS_PATH } from '@gatehouse/protocol';
import { printJson } from '../../output/print.ts';
import type { CliContext } from '../../process.ts';
import { type Exchange, exchange } from './exchange.ts';
import { MESSAGE_PATH, type MessageServer, startMessageServer, TOKEN_PATH } from './message-server.ts';
import { SEALED_HEADERS } from './sealed-note.ts';
import { showWays } from './show-ways.ts';
import type { Way } from './way.ts';

/** Every line of request and answer fits a quarter of 80 columns. */
const WAYS = [
  { name: 'http', title: 'plain HTTP', path: MESSAGE_PATH, isTls: false },
  { name: 'fernet', title: 'Fernet token', path: TOKEN_PATH, isTls: false },
  { name: 'tls', title: 'TLS', path: MESSAGE_PATH, isTls: true },
  { name: 'sealed', title: 'sealed inside TLS', path: MESSAGE_PATH, isTls: true },
] as const;

export async function fourWays(
  context: CliContext,
  { message, json, timeout }: { message: string; json?: boolean; timeout: number },
): Promise<void> {
  await using server = await startMessageServer(message);
  const ways: Way[] = [];
  for (const way of WAYS) ways.push({ ...way, ...(await go(way, server, timeout)) });
  if (json) printJson(context.process, { message, ways: ways.map((way) => documentOf(way, message)) });
  else showWays(context, ways, message);
}

async function go(
  { name, path, isTls }: (typeof WAYS)[number],
  { httpUrl, httpsUrl, root, fernet, sealed }: MessageServer,
  timeoutSeconds: number,
): Promise<Pick<Way, 'exchange' | 'read'>> {
  const origin = isTls ? httpsUrl : httpUrl;
  const options = { hostHeader: 'localhost', roots: root, timeoutSeconds };
  if (name !== 'sealed') {
    const passed = await exchange(new URL(path, origin), options);
    const body = bodyOf(passed);
    const read = name === 'fernet' ? await fernet.decrypt(body.toString()) : body;
    return { exchange: passed, read: Buffer.from(read).toString() };
  }
  const { content, read } = await sealed.ask(path);
  const asked = { ...options, headers: SEALED_HEADERS, content };
  const passed = await exchange(new URL(SEALED_REQUESTS_PATH, origin), asked);
  return { exchange: passed, read: (await read(bodyOf(passed))).toString() };
}

function bodyOf({ answer }: Exchange): Buffer {
  return answer.subarray(answer.indexOf('\r\n\r\n') + 4);
}

/**
 * `request` and `answer` are visible where TLS ends, for example in a proxy. Without TLS, they are visible
 * everywhere.
 */
function documentOf({ name, exchange: passed, read }: Way, message: string) {
  const { sent, received, request, answer } = passed;
  return {
    way: name,
    sent: sent.toString('base64'),
    received: received.toString('base64'),
    request: request.toString('base64'),
    answer: answer.toString('base64'),
    read,
    visibleOnTheWay: received.includes(message),
    visibleWhereTlsEnds: answer.includes(message),
  };
}
