// The control plane's end of a worker that does not do what it should.
import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { syncBuiltinESMExports } from 'node:module';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import workerThreads from 'node:worker_threads';
import type { ToWorker, WorkerData } from '../../src/gateway/worker.ts';
import { startWorker } from '../../src/gateway/worker-handle.ts';
import type { Section } from '../../src/platform/feed.ts';

class HangingWorker extends EventEmitter {
  postMessage(): void {}

  async terminate(): Promise<void> {
    this.emit('exit', 1);
  }
}

function replaceWorkers(t: TestContext, replacement: unknown): void {
  const { Worker } = workerThreads;
  Object.assign(workerThreads, { Worker: replacement });
  syncBuiltinESMExports();
  t.after(() => {
    Object.assign(workerThreads, { Worker });
    syncBuiltinESMExports();
  });
}

test('the drain of a worker that hangs ends a second after its grace', async (t) => {
  replaceWorkers(t, HangingWorker);
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

/** Answers the first change with `missed`, and every other at once. */
class ForgetfulWorker extends EventEmitter {
  static received: ToWorker[] = [];
  #hasMissed = false;

  postMessage(message: ToWorker): void {
    ForgetfulWorker.received.push(message);
    if (message.type === 'section') queueMicrotask(() => this.emit('message', { type: 'taken' }));
    if (message.type !== 'changes') return;
    const answer = this.#hasMissed ? { type: 'applied' } : { type: 'missed', sections: ['keys'] };
    this.#hasMissed = true;
    this.emit('message', { ...answer, id: message.id });
  }
}

test('a worker that missed a change gets the section whole, in parts, and the change counts when it has it', async (t) => {
  replaceWorkers(t, ForgetfulWorker);
  const entries = new Map(Array.from({ length: 5001 }, (_, index) => [`k${index}`, index]));
  const section = { name: 'keys', version: 7, entries } as unknown as Section;
  const handle = startWorker('forgetful', {} as WorkerData, {
    record: async () => {},
    sections: () => [section],
    failed() {},
    exited() {},
  });
  while (ForgetfulWorker.received.length < 3) await new Promise((resolve) => setImmediate(resolve));
  ForgetfulWorker.received.length = 0;
  await handle.apply([{ seq: 9, section: 'keys', version: 7, put: [['k0', 0]], remove: [] }]);
  const shape = ForgetfulWorker.received.map((message) => {
    if (message.type !== 'section') return message.type;
    const { version, isFirst, isLast } = message;
    return [message.entries.length, version, isFirst, isLast];
  });
  assert.deepEqual(shape, [
    'changes',
    [2000, 7, true, false],
    [2000, 7, false, false],
    [1001, 7, false, true],
    'changes',
  ]);
});
