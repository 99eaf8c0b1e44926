// The control plane's end of one worker thread: it records what was sent to the worker and what the worker
// has confirmed. The worker may die at any time.
import { Worker } from 'node:worker_threads';
import type { Fact, FactBatch, SectionChange } from '@gatehouse/access';
import type { Section } from '../platform/feed.ts';
import { createSectionSender } from './section-sender.ts';
import type { FromWorker, ToWorker, WorkerData } from './worker.ts';

export interface WorkerCallbacks {
  /** Writes a fact to the ledger; resolves when it is on disk. */
  record(fact: Fact): Promise<void>;
  /** The current sections. */
  sections(): readonly Section[];
  failed(error: Error): void;
  exited(): void;
}

export interface WorkerHandle {
  /** Resolves when the worker listens. Rejects with Node's error when it cannot. */
  readonly listening: Promise<void>;
  /**
   * Resolves when the worker acts on the changes, or has ended. Rejects when it refuses them. Ends a worker
   * that does neither in time.
   */
  apply(changes: readonly SectionChange[]): Promise<void>;
  /**
   * Resolves when the worker has finished what it was serving and has ended. Ends a worker that takes a
   * second longer than its grace.
   */
  drain(graceSeconds: number): Promise<void>;
  reopenLog(): void;
  /** Ends the worker at once, as a crash would. */
  terminate(): Promise<void>;
}

const APPLY_TIMEOUT_MS = 5000;
// How long after its grace a draining worker may take to cut what is left and write its log.
const DRAIN_MARGIN_MS = 1000;
// V8 would let the young generation grow with the machine's memory. A larger one did not serve more requests
// a second.
const RESOURCE_LIMITS = { maxYoungGenerationSizeMb: 16 };

interface Waiting {
  resolve(): void;
  reject(error: Error): void;
}

export function startWorker(name: string, workerData: WorkerData, callbacks: WorkerCallbacks): WorkerHandle {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), {
    workerData,
    name,
    resourceLimits: RESOURCE_LIMITS,
  });
  const post = (message: ToWorker) => worker.postMessage(message);
  const sender = createSectionSender((page) => post({ type: 'section', ...page }));
  const applying = new Map<number, Waiting>();
  const listening = Promise.withResolvers<void>();
  const gone = Promise.withResolvers<void>();
  let lastId = 0;
  let isListening = false;
  let ended = false;

  worker.on('error', (error: Error) => callbacks.failed(error));
  worker.on('exit', () => {
    ended = true;
    for (const waiting of applying.values()) waiting.resolve();
    listening.reject(new Error('the worker ended before it listened'));
    gone.resolve();
    callbacks.exited();
  });
  worker.on('message', (message: FromWorker) => receive(message));
  // A start that fails also reports through `failed` and `exited`.
  listening.promise.catch(() => {});
  sender.send(callbacks.sections());

  /**
   * Sends the sections in which the worker missed a change. An empty change after them stands for the change
   * that the worker waits for.
   */
  function sendAgain(id: number, missed: readonly string[]): void {
    const sections = callbacks.sections().filter(({ name }) => missed.includes(name));
    sender.send(sections, () => post({ type: 'changes', id, changes: [] }));
  }

  function receive(message: FromWorker): void {
    if (message.type === 'facts') void recordFacts(message);
    else if (message.type === 'taken') sender.taken();
    else if (message.type === 'listening') {
      isListening = true;
      listening.resolve();
    } else if (message.type === 'listenFailed') {
      listening.reject(Object.assign(new Error(message.message), { code: message.code }));
    } else if (message.type === 'applied') settle(message.id, (waiting) => waiting.resolve());
    else if (message.type === 'missed') sendAgain(message.id, message.sections);
    else if (message.type === 'rejected') {
      settle(message.id, (waiting) => waiting.reject(new Error(message.reason)));
    } else if (message.type === 'drained') void worker.terminate();
  }

  function settle(id: number, how: (waiting: Waiting) => void): void {
    const waiting = applying.get(id);
    applying.delete(id);
    if (waiting) how(waiting);
  }

  async function recordFacts({ facts }: FactBatch): Promise<void> {
    const results = await Promise.all(
      facts.map(async ({ id, fact }) => ({
        id,
        ok: await callbacks.record(fact).then(() => true, failedToRecord),
      })),
    );
    post({ type: 'recorded', results });
  }

  function failedToRecord(error: unknown): false {
    callbacks.failed(error instanceof Error ? error : new Error(String(error)));
    return false;
  }

  return {
    listening: listening.promise,
    apply(changes) {
      if (ended) return Promise.resolve();
      lastId += 1;
      const id = lastId;
      const applied = new Promise<void>((resolve, reject) => {
        applying.set(id, { resolve, reject });
      });
      post({ type: 'changes', id, changes });
      // A worker that is starting serves nothing yet, so it may take longer.
      if (!isListening) return applied;
      // A worker that hangs could go on serving what was revoked, so it is ended and replaced.
      const deadline = setTimeout(() => void worker.terminate(), APPLY_TIMEOUT_MS);
      return applied.finally(() => clearTimeout(deadline));
    },
    drain(graceSeconds) {
      post({ type: 'drain', graceSeconds });
      // A worker that hangs does not end by itself.
      const deadline = setTimeout(() => void worker.terminate(), graceSeconds * 1000 + DRAIN_MARGIN_MS);
      return gone.promise.finally(() => clearTimeout(deadline));
    },
    reopenLog: () => post({ type: 'reopenLog' }),
    async terminate() {
      await worker.terminate();
    },
  };
}
