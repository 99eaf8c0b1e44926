// HTTP over the Unix socket of a data folder, with only Node's own modules: loading TLS and a general HTTP
// client took half of the time of a short command.
import type { ClientRequest, IncomingMessage } from 'node:http';
import { request } from 'node:http';
import { ClientError } from '@gatehouse/client/errors';

/** What a transport needs of a client. */
export interface Caller {
  request(url: URL, init?: CallInit): Promise<CallAnswer>;
  close(): Promise<void>;
}

interface CallInit {
  /** Default: GET. */
  method?: string;
  headers?: Record<string, string>;
  body?: string;
}

interface CallAnswer {
  status: number;
  body: AsyncIterable<Uint8Array>;
}

/**
 * Calls over the socket at `socketPath`. A failed call throws `ClientError`, like `@gatehouse/client`, also
 * if the server sends nothing for `idleSeconds`.
 */
export function createSocketClient(socketPath: string, idleSeconds: number): Caller {
  const running = new Set<ClientRequest>();
  return {
    async request(url, { method = 'GET', headers = {}, body } = {}) {
      const path = url.pathname + url.search;
      const call = request({ socketPath, path, method, headers: { host: url.host, ...headers } });
      running.add(call.once('close', () => running.delete(call)));
      const answer = await answerOf(call, { body, idleSeconds, origin: url.origin });
      return { status: answer.statusCode ?? 0, body: octetsOf(answer, url.origin) };
    },
    async close() {
      for (const call of running) call.destroy();
    },
  };
}

interface Sending {
  body: string | undefined;
  idleSeconds: number;
  origin: string;
}

function answerOf(call: ClientRequest, { body, idleSeconds, origin }: Sending): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  let answer: IncomingMessage | undefined;
  call.setTimeout(idleSeconds * 1000, () => {
    const message = `${origin} sent nothing for ${idleSeconds} s: wait longer, or check the server`;
    (answer ?? call).destroy(new ClientError('timeout', message));
  });
  call.once('response', (response) => {
    answer = response;
    resolve(response);
  });
  call.on('error', (error) => reject(explain(error, origin)));
  call.end(body);
  return promise;
}

async function* octetsOf(answer: IncomingMessage, origin: string): AsyncGenerator<Uint8Array> {
  try {
    yield* answer;
  } catch (error) {
    throw explain(error as NodeJS.ErrnoException, origin);
  }
}

function explain(error: NodeJS.ErrnoException, origin: string): Error {
  if (error instanceof ClientError) return error;
  if (error.syscall === 'connect')
    return new ClientError('connect', `cannot connect: ${error.code}`, { cause: error });
  if (error.code?.startsWith('HPE_')) {
    const message = `${origin} answered with something that is not valid HTTP`;
    return new ClientError('protocol', message, { cause: error });
  }
  const message = `${origin} closed the connection before its answer was complete: try again, or see its log`;
  return new ClientError('disconnected', message, { cause: error });
}
