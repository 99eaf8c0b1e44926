// The upstream of mixed traffic, in a separate process: small answers, large ones, late ones, and uploads
// that it reads to their end.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tellParent } from '../child.ts';
import { DOWNLOAD_BYTES, PATHS } from './requests.ts';

const LATE_MS = 100;
const SMALL = Buffer.alloc(100, 's');
const DOWNLOAD = Buffer.alloc(DOWNLOAD_BYTES, 'd');

const server = createServer((request, response) => {
  // Clients break off their uploads.
  request.on('error', () => {});
  if (request.url === PATHS.download) response.end(DOWNLOAD);
  else if (request.url === PATHS.late) setTimeout(() => response.end(SMALL), LATE_MS);
  else if (request.method === 'GET') response.end(SMALL);
  else request.resume().on('end', () => response.end(SMALL));
});
server.keepAliveTimeout = 0;
server.listen(0, '127.0.0.1', () => tellParent((server.address() as AddressInfo).port));
