// Starts the workers, sends each the sections and their changes, replaces a worker that dies while the others
// go on, and drains them at the end.
import type { Fact, SectionChange } from '@gatehouse/access';
import { GatehouseError } from '@gatehouse/access';
import type { Section, Subscription } from '../platform/feed.ts';
import type { ListenAddress } from '../platform/listener.ts';
import { listenFailure, probePort } from '../platform/listener.ts';
import type { Log, LogLevel } from '../platform/log.ts';
import type { GatewaySettings } from './settings.ts';
import type { WorkerHandle } from './worker-handle.ts';
import { startWorker } from './worker-handle.ts';

export interface Supervisor extends Subscription {
  /** The port that the workers share. */
  readonly port: number;
  /** Sends the changes to every worker. Resolves when all workers act on them. */
  apply(changes: readonly SectionChange[]): Promise<void>;
  reopenLogs(): void;
  workers(): WorkerState[];
  /** Ends worker `id` at once, as a crash would. */
  terminate(id: number): Promise<void>;
  /** Accepts nothing new, lets running requests finish for `graceSeconds`, then ends the workers. */
  drain(graceSeconds: number): Promise<void>;
}

export interface WorkerState {
  id: number;
  state: 'starting' | 'serving';
  /** How many times it was replaced. */
  restarts: number;
}

export interface SupervisorDeps {
  log: Log;
  logLevel: LogLevel;
  record(fact: Fact): Promise<void>;
  /** The current sections. */
  sections(): readonly Section[];
}

export interface WorkersStart {
  count: number;
  /** A port that was found before, so that tokens can name it. */
  port: number;
}

interface Slot extends WorkerState {
  handle: WorkerHandle;
  /** From `performance.now()`. */
  startedAt: number;
}

const LISTEN_SETTING = 'gateway.listen';
// A worker that dies again soon after its start is replaced after a pause, so that a crash loop does not use
// up the machine.
const HEALTHY_AFTER_MS = 5000;
const RESTART_PAUSE_MS = 500;

/** Resolves when all workers listen. Throws `listen_failed`. */
export async function startWorkers(
  deps: SupervisorDeps,
  settings: GatewaySettings,
  start: WorkersStart,
): Promise<Supervisor> {
  const { log } = deps;
  const listen = { ...settings.listen, port: start.port };
  const count = sharesPorts() ? start.count : 1;
  const slots = new Map<number, Slot>();
  let draining = false;

  function spawn(id: number, restarts: number): Slot {
    const data = {
      settings: { ...settings, listen },
      logLevel: deps.logLevel,
      reusePort: count > 1,
    };
    const handle = startWorker(`gateway-${id}`, data, {
      record: deps.record,
      sections: deps.sections,
      failed: (error) => log.error({ err: error, worker: id }, 'a gateway worker reports a failure'),
      exited: () => replace(id),
    });
    const slot: Slot = { id, state: 'starting', restarts, handle, startedAt: performance.now() };
    slots.set(id, slot);
    handle.listening.then(
      () => {
        slot.state = 'serving';
      },
      (error: Error) => {
        if (!draining) log.error({ err: error, worker: id }, 'a gateway worker cannot listen');
      },
    );
    return slot;
  }

  function replace(id: number): void {
    const slot = slots.get(id);
    if (draining || !slot) return;
    const crashedSoon = slot.restarts > 0 && performance.now() - slot.startedAt < HEALTHY_AFTER_MS;
    log.warn({ worker: id, restarts: slot.restarts + 1 }, 'replacing a gateway worker');
    slot.state = 'starting';
    const again = () => {
      if (!draining) spawn(id, slot.restarts + 1);
    };
    if (crashedSoon) setTimeout(again, RESTART_PAUSE_MS);
    else again();
  }

  const first = Array.from({ length: count }, (_, id) => spawn(id, 0));
  try {
    await Promise.all(first.map((slot) => slot.handle.listening));
  } catch (error) {
    draining = true;
    await Promise.all(first.map((slot) => slot.handle.terminate()));
    throw listenFailure(error as NodeJS.ErrnoException, listen, LISTEN_SETTING);
  }

  return {
    port: start.port,
    async apply(changes) {
      // A worker that is still starting has older sections.
      await Promise.all([...slots.values()].map((slot) => slot.handle.apply(changes)));
    },
    reopenLogs() {
      for (const slot of slots.values()) slot.handle.reopenLog();
    },
    workers: () => [...slots.values()].map(({ id, state, restarts }) => ({ id, state, restarts })),
    async terminate(id) {
      const slot = slots.get(id);
      if (!slot) throw new GatehouseError('not_found', `There is no gateway worker ${id}.`);
      await slot.handle.terminate();
    },
    async drain(graceSeconds) {
      draining = true;
      const ends = [...slots.values()].map(({ handle, state }) =>
        state === 'serving' ? handle.drain(graceSeconds) : handle.terminate(),
      );
      await Promise.all(ends);
    },
  };
}

/** Finds the port that the workers will share. Throws `listen_failed`. */
export function findPort(listen: ListenAddress): Promise<number> {
  return probePort(listen, LISTEN_SETTING);
}

// libuv offers SO_REUSEPORT with load balancing on these platforms.
function sharesPorts(): boolean {
  return ['linux', 'freebsd', 'sunos', 'aix'].includes(process.platform);
}
