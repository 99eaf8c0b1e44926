// The upstream behind slow clients, in a separate process. It answers when the whole request has arrived.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tellParent } from '../child.ts';
import { LARGE_BYTES, LARGE_PATH } from './kinds.ts';

const large = Buffer.alloc(LARGE_BYTES, 'x');
const server = createServer((request, response) => {
  // The gateway aborts requests whose client it has disconnected.
  request.on('error', () => {});
  request.resume().on('end', () => response.end(request.url === LARGE_PATH ? large : 'ok'));
});
// The gateway decides how long slow clients may take.
Object.assign(server, { requestTimeout: 0, headersTimeout: 0, keepAliveTimeout: 0 });
server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () =>
  tellParent((server.address() as AddressInfo).port),
);
