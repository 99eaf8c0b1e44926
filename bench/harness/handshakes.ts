// Connections that are used once: a full TLS 1.3 handshake, one GET, and the end.
import type { TLSSocket } from 'node:tls';
import { connect, createSecureContext } from 'node:tls';
import type { Target } from './same-answer.ts';
import { CLIENT_TLS, otherThanOffered } from './tls-files.ts';

const SILENCE_MS = 10_000;

/**
 * Makes one connection for each call. Rejects if the session was resumed, if another group or cipher suite
 * was negotiated, and unless the answer is 200 with `body`.
 */
export function createHandshakes({ port, root }: Target, body: string): () => Promise<void> {
  const secureContext = createSecureContext({ ca: root, ...CLIENT_TLS });
  const request = `GET / HTTP/1.1\r\nHost: localhost:${port}\r\nConnection: close\r\n\r\n`;
  return () => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const socket = connect({ host: '127.0.0.1', port, servername: 'localhost', secureContext });
    let answer = '';
    socket.setTimeout(SILENCE_MS, () => socket.destroy(new Error('no answer within ten seconds')));
    socket.on('secureConnect', () => {
      const failure = notFull(socket);
      if (failure) socket.destroy(new Error(failure));
      else socket.write(request);
    });
    socket.setEncoding('latin1').on('data', (text: string) => {
      answer += text;
    });
    socket.on('error', reject);
    socket.on('close', () => {
      if (answer.startsWith('HTTP/1.1 200 ') && answer.includes(body)) resolve();
      else reject(new Error(`not the expected answer: ${answer.slice(0, 80)}`));
    });
    return promise;
  };
}

function notFull(socket: TLSSocket): string | undefined {
  return socket.isSessionReused() ? 'the session was resumed' : otherThanOffered(socket);
}
