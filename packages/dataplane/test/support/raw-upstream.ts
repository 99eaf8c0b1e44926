// An upstream that lets a test control each connection.
import type { AddressInfo, Socket } from 'node:net';
import { createServer } from 'node:net';
import type { TestContext } from 'node:test';

export interface RawUpstream {
  port: number;
  /** All octets of each connection so far. */
  received: string[];
  sockets: Socket[];
}

/** `serve` gets the received octets, once for every request head. */
export async function rawUpstream(
  t: TestContext,
  serve: (socket: Socket, request: string, connection: number) => void,
): Promise<RawUpstream> {
  const received: string[] = [];
  const sockets: Socket[] = [];
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    const index = sockets.push(socket) - 1;
    received[index] = '';
    let pending = '';
    socket.on('error', () => {});
    socket.setEncoding('latin1');
    socket.on('data', (part: string) => {
      received[index] += part;
      pending += part;
      const end = pending.indexOf('\r\n\r\n');
      if (end < 0) return;
      const request = pending.slice(0, end + 4);
      pending = pending.slice(end + 4);
      serve(socket, request, index);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, received, sockets };
}
