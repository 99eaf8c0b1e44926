// An address that accepts no connection and refuses none: the queue of a listening socket that nobody accepts from is full, and the
// kernel drops what comes then, as a firewall would.
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { Worker } from 'node:worker_threads';
import type { Scope } from './temporary-folder.ts';

/** Linux takes one more connection than the backlog says. */
const BACKLOG = 1;

/** Listens, says on which port, and never accepts: its event loop stands still from then on. */
const LISTENER = `
  const { createServer } = require('node:net');
  const { parentPort, workerData } = require('node:worker_threads');
  const server = createServer().listen({ ...workerData, backlog: ${BACKLOG} }, () => {
    parentPort.postMessage(server.address().port);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  });`;

/** Gives the port. `port` 0 chooses a free one. */
export async function openBlackHole(scope: Scope, host: string, port = 0): Promise<number> {
  const worker = new Worker(LISTENER, { eval: true, workerData: { host, port } });
  const queued: Socket[] = [];
  scope.after(async () => {
    for (const socket of queued) socket.destroy();
    await worker.terminate();
  });
  const [listening] = await once(worker, 'message');
  for (let count = 0; count <= BACKLOG; count += 1) {
    const socket = connect(listening, host);
    socket.on('error', () => {});
    queued.push(socket);
    await once(socket, 'connect');
  }
  return listening;
}
