// Many simultaneous TLS connections that were used for one request each, and then wait.
import { once } from 'node:events';
import type { TLSSocket } from 'node:tls';
import { connect, createSecureContext } from 'node:tls';
import type { Target } from './same-answer.ts';
import { CLIENT_TLS, otherThanOffered } from './tls-files.ts';

export interface IdleConnections {
  /** Throws if the server has closed one. */
  assertOpen(): void;
  close(): void;
}

const AT_A_TIME = 16;

/** Rejects if one of them is not answered with 200. */
export async function openIdleConnections(
  { port, root }: Target,
  count: number,
  signal: AbortSignal,
): Promise<IdleConnections> {
  const secureContext = createSecureContext({ ca: root, ...CLIENT_TLS });
  const request = `GET / HTTP/1.1\r\nHost: localhost:${port}\r\n\r\n`;
  const sockets: TLSSocket[] = [];

  async function openSome(): Promise<void> {
    while (sockets.length < count) {
      signal.throwIfAborted();
      const socket = connect({ host: '127.0.0.1', port, servername: 'localhost', secureContext });
      sockets.push(socket);
      await once(socket, 'secureConnect');
      const found = otherThanOffered(socket);
      if (found !== undefined) throw new Error(found);
      socket.write(request);
      await answerOf(socket);
    }
  }

  await Promise.all(Array.from({ length: AT_A_TIME }, openSome));
  return {
    assertOpen() {
      const open = sockets.filter((socket) => !socket.destroyed && socket.readable).length;
      if (open < count) throw new Error(`the server has closed ${count - open} of ${count} idle connections`);
    },
    close() {
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** Resolves when the answer is complete, by the length in its head. */
async function answerOf(socket: TLSSocket): Promise<void> {
  let answer = '';
  for (;;) {
    const [chunk] = (await once(socket, 'data')) as [Buffer];
    answer += chunk.toString('latin1');
    if (!answer.startsWith('HTTP/1.1 200 '))
      throw new Error(`not the expected answer: ${answer.slice(0, 80)}`);
    const headEnd = answer.indexOf('\r\n\r\n');
    const length = Number(/^content-length: (\d+)/im.exec(answer)?.[1]);
    if (headEnd >= 0 && answer.length - headEnd - 4 >= length) return;
  }
}
