// Starts the workers, each a data plane process, and sends them the sections and their changes. Replaces a
// worker that dies while the others continue. Drains all workers at the end.
import type { Claims, Fact, SectionChange } from '@gatehouse/access';
import { GatehouseError } from '@gatehouse/access';
import type { DataPlaneSettings, HandshakeFacts, LogLine, ProcessReport } from '@gatehouse/dataplane';
import type { EncryptedSessions } from '@gatehouse/protocol';
import type { Section, Subscription } from '../../platform/feed/feed.ts';
import type { ListenAddress } from '../../platform/listening/listener.ts';
import { listenFailure, probePort } from '../../platform/listening/listener.ts';
import type { Log, LogLevel } from '../../platform/log/log.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { nodeRuntime } from '../runtime/runtime.ts';
import { createRuntimeChoice } from '../runtime/runtime-choice.ts';
import { launch } from './launch.ts';
import type { ProcessHandle } from './process-handle.ts';
import { startProcess } from './process-handle.ts';

export interface Supervisor extends Subscription {
  /** The port that the workers share. */
  readonly port: number;
  /** Sends the changes to every worker. Resolves when all workers have applied them. */
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
  /** How many times the server replaced it. */
  restarts: number;
  /** The runtime of its process: `Bun 1.4.5`. */
  runtime: string;
  /** The id of its process; undefined if none could be started. */
  pid: number | undefined;
}

export interface SupervisorDeps {
  log: Log;
  logLevel: LogLevel;
  record(fact: Fact): Promise<void>;
  /** Claims of all workers. */
  claims: Claims;
  /** The sessions of the encrypted endpoints of all workers. */
  sessions: EncryptedSessions;
  /** The current sections. */
  sections(): readonly Section[];
  /** `lost` counts records that a worker had to drop before these. */
  handshakes(records: readonly HandshakeFacts[], lost: number): void;
  counted(worker: number, report: ProcessReport): void;
  /** Called when the process of a worker has ended. */
  exited(worker: number): void;
}

export interface WorkersStart {
  /** One worker if ports cannot be shared. */
  count: number;
  runtime: Runtime;
  /** The absolute path of a file, `stdout` or `none`. */
  accessLog: string;
}

interface Slot {
  readonly id: number;
  state: WorkerState['state'];
  readonly restarts: number;
  readonly runtime: Runtime;
  readonly handle: ProcessHandle;
  /** From `performance.now()`. */
  readonly startedAt: number;
}

const LISTEN_SETTING = 'gateway.listen';
// If a worker dies again soon after its start, the next start waits a while. A crash loop must not use up the
// machine.
const HEALTHY_AFTER_MS = 5000;
const RESTART_PAUSE_MS = 500;

/** Resolves when all workers listen. Throws `listen_failed`. */
export async function startWorkers(
  deps: SupervisorDeps,
  settings: Omit<DataPlaneSettings, 'reusePort'>,
  start: WorkersStart,
): Promise<Supervisor> {
  const { log } = deps;
  const { accessLog } = start;
  const count = sharesPorts() ? start.count : 1;
  const runtimes = createRuntimeChoice(
    { log, now: () => performance.now() },
    { first: start.runtime, fallback: nodeRuntime() },
  );
  const slots = new Map<number, Slot>();
  const started = Promise.withResolvers<void>();
  let isStarted = false;
  let isDraining = false;

  function spawn(id: number, restarts: number): void {
    const runtime = runtimes.current();
    const handle = startProcess(
      (exited) => launch({ runtime, logsToStdout: accessLog === 'stdout' }, exited),
      { logLevel: deps.logLevel, accessLog, settings: { ...settings, reusePort: count > 1 } },
      {
        record: deps.record,
        claims: deps.claims,
        sessions: deps.sessions,
        sections: deps.sections,
        handshakes: deps.handshakes,
        counted: (report) => deps.counted(id, report),
        log: (lines, lost) => writeLines(log, { lines, lost, worker: id }),
        failed: (error) => log.event('gateway.worker_failed', { error, worker: id }),
        exited(cause) {
          deps.exited(id);
          replace(id, cause);
        },
      },
    );
    const slot: Slot = { id, state: 'starting', restarts, runtime, handle, startedAt: performance.now() };
    slots.set(id, slot);
    handle.listening.then(
      () => serves(slot),
      (error: NodeJS.ErrnoException) => cannotListen(slot, error),
    );
  }

  function serves(slot: Slot): void {
    slot.state = 'serving';
    if ([...slots.values()].every(({ state }) => state === 'serving')) started.resolve();
  }

  function cannotListen({ id, runtime, handle }: Slot, error: NodeJS.ErrnoException): void {
    if (isDraining) return;
    log.event('gateway.worker_cannot_listen', { error, worker: id });
    // If Bun does not work here, it is restarted until the runtime changes to Node.
    if (!isStarted && (error.code !== undefined || runtime.name === 'node')) started.reject(error);
    else void handle.terminate();
  }

  function replace(id: number, cause: string): void {
    const slot = slots.get(id);
    if (isDraining || !slot) return;
    runtimes.died(slot.runtime);
    const crashedSoon = slot.restarts > 0 && performance.now() - slot.startedAt < HEALTHY_AFTER_MS;
    log.event('gateway.worker_replaced', { worker: id, restarts: slot.restarts + 1, cause });
    slot.state = 'starting';
    const again = () => {
      if (!isDraining) spawn(id, slot.restarts + 1);
    };
    if (crashedSoon) setTimeout(again, RESTART_PAUSE_MS);
    else again();
  }

  for (let id = 0; id < count; id += 1) spawn(id, 0);
  try {
    await started.promise;
    isStarted = true;
  } catch (error) {
    isDraining = true;
    await Promise.all([...slots.values()].map(({ handle }) => handle.terminate()));
    throw listenFailure(error as NodeJS.ErrnoException, settings.listen, LISTEN_SETTING);
  }

  return {
    port: settings.listen.port,
    async apply(changes) {
      // A worker that is still starting has older sections.
      await Promise.all([...slots.values()].map(({ handle }) => handle.apply(changes)));
    },
    reopenLogs() {
      for (const { handle } of slots.values()) handle.reopenLog();
    },
    workers: () =>
      [...slots.values()].map(({ id, state, restarts, runtime, handle }) => {
        return { id, state, restarts, runtime: runtime.title, pid: handle.pid };
      }),
    async terminate(id) {
      const slot = slots.get(id);
      if (!slot) throw new GatehouseError('not_found', `There is no gateway worker ${id}.`);
      await slot.handle.terminate();
    },
    async drain(graceSeconds) {
      isDraining = true;
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

function writeLines(
  log: Log,
  { lines, lost, worker }: { lines: readonly LogLine[]; lost: number; worker: number },
): void {
  if (lost > 0) log.event('gateway.log_lines_lost', { worker, lost });
  for (const { event, facts } of lines) log.event(event, { ...facts, worker });
}

// These platforms distribute the connections among all listeners of a port.
function sharesPorts(): boolean {
  return ['linux', 'freebsd', 'sunos', 'aix'].includes(process.platform);
}
