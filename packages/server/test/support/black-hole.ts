// An address that neither accepts nor refuses connections. The queue of its listening socket is full, so the
// kernel drops new packets, as a firewall would.
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { Worker } from 'node:worker_threads';
import type { Scope } from './temporary-folder.ts';

/** Linux accepts one connection more than the backlog. */
const BACKLOG = 1;

/** Listens, prints its port, and never accepts: its event loop is blocked from then on. */
const LISTENER = `
  const { createServer } = require('node:net');
  const { parentPort, workerData } = require('node:worker_threads');
  const server = createServer().listen({ ...workerData, backlog: ${BACKLOG} }, () => {
    parentPort.postMessage(server.address().port);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  });`;

/** Returns the port. With `port` 0 the system chooses one. */
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
