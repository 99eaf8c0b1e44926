// A TLS client for tests of listeners.
import { once } from 'node:events';
import type { ConnectionOptions, TLSSocket } from 'node:tls';
import { connect } from 'node:tls';
import type { Scope } from './remote-transport.ts';

export interface Client {
  socket: TLSSocket;
  /** The octets since the last call, as soon as there are any. */
  read(): Promise<string>;
  /** The other side has ended, or the connection is closed. */
  over: Promise<void>;
  /** The data for resuming the session. */
  session: Promise<Buffer>;
}

/** Resolves when TLS is set up; rejects with the error of the client. Asks for `localhost`. */
export async function dial(scope: Scope, port: number, options: ConnectionOptions = {}): Promise<Client> {
  const socket = connect({
    host: '127.0.0.1',
    port,
    servername: 'localhost',
    ALPNProtocols: ['http/1.1'],
    allowHalfOpen: true,
    ...options,
  } as ConnectionOptions);
  scope.after(() => void socket.destroy());
  let received = '';
  let wake = () => {};
  socket.on('data', (octets: Buffer) => {
    received += octets.toString('latin1');
    wake();
  });
  const over = new Promise<void>((resolve) => {
    socket.once('end', resolve).once('close', () => resolve());
  });
  const session = new Promise<Buffer>((resolve) => void socket.once('session', resolve));
  await once(socket, 'secureConnect');
  socket.on('error', () => {});
  async function read(): Promise<string> {
    if (received === '') {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    const text = received;
    received = '';
    return text;
  }
  return { socket, read, over, session };
}
