// The control plane's end of a worker that does not do what it is told.
import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { syncBuiltinESMExports } from 'node:module';
import { test } from 'node:test';
import workerThreads from 'node:worker_threads';
import type { WorkerData } from '../../src/gateway/worker.ts';
import { startWorker } from '../../src/gateway/worker-handle.ts';

class HangingWorker extends EventEmitter {
  postMessage(): void {}

  async terminate(): Promise<void> {
    this.emit('exit', 1);
  }
}

test('the drain of a worker that hangs ends a second after its grace', async (t) => {
  const { Worker } = workerThreads;
  Object.assign(workerThreads, { Worker: HangingWorker });
  syncBuiltinESMExports();
  t.after(() => {
    Object.assign(workerThreads, { Worker });
    syncBuiltinESMExports();
  });
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let exited = false;
  const handle = startWorker('hanging', {} as WorkerData, {
    record: async () => {},
    sections: () => [],
    failed() {},
    exited: () => {
      exited = true;
    },
  });
  const drained = handle.drain(30);
  t.mock.timers.tick(30_999);
  assert.equal(exited, false);
  t.mock.timers.tick(1);
  await drained;
  assert.equal(exited, true);
});
