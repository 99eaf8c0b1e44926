// The web server of the ordered names: answers http-01 (RFC 8555 §8.3) on many loopback addresses, so that
// every order of an account is for a new name.
import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';

/** Key authorizations by token. */
export type ChallengeAnswers = Map<string, string>;

export interface ChallengeServer {
  answers: ChallengeAnswers;
  /** 80, the only port that some servers ask; another one if 80 is not free. */
  port: number;
  addresses: readonly string[];
}

export const HTTP_PORT = 80;
const PATH = '/.well-known/acme-challenge/';
const NETWORKS = [1, 2];
const ADDRESSES_OF_EACH = 200;

export async function serveChallenges(stack: AsyncDisposableStack): Promise<ChallengeServer> {
  const answers: ChallengeAnswers = new Map();
  const web = createHttpServer((request, response) => {
    const { url = '' } = request;
    const answer = url.startsWith(PATH) ? answers.get(url.slice(PATH.length)) : undefined;
    response.writeHead(answer === undefined ? 404 : 200, { 'Content-Type': 'application/octet-stream' });
    response.end(answer);
  });
  stack.defer(() => web.closeAllConnections());
  const addresses = NETWORKS.flatMap((network) =>
    Array.from({ length: ADDRESSES_OF_EACH }, (_, host) => `127.0.${network}.${host + 1}`),
  );
  const [first = ''] = addresses;
  const port = await listen(web, { host: first, port: HTTP_PORT }, stack).catch(() =>
    listen(web, { host: first, port: 0 }, stack),
  );
  await Promise.all(addresses.slice(1).map((host) => listen(web, { host, port }, stack)));
  return { answers, port, addresses };
}

/** Passes the connections of one address to `web`. Resolves with the port. */
function listen(
  web: ReturnType<typeof createHttpServer>,
  address: { host: string; port: number },
  stack: AsyncDisposableStack,
): Promise<number> {
  const listener = createServer((socket) => void web.emit('connection', socket));
  stack.defer(() => void listener.close());
  return new Promise((resolve, reject) => {
    listener.once('error', reject);
    listener.listen(address, () => resolve((listener.address() as AddressInfo).port));
  });
}
