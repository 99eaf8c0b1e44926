// One gateway worker: a thread with its own event loop that shares the port with the others. It has only
// copies of the sections, and calls the control plane only to record facts.
import type { AddressInfo } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';
import type {
  FactBatch,
  FactRecorder,
  FactResults,
  SectionChange,
  SectionCopies,
  SectionPage,
} from '@gatehouse/access';
import {
  createAdmission,
  createFactRecorder,
  createSectionCopies,
  listenerIdentity,
  systemClock,
} from '@gatehouse/access';
import { collectGarbage } from '../platform/garbage.ts';
import type { Log, LogLevel } from '../platform/log.ts';
import { createLog } from '../platform/log.ts';
import type { AccessLog } from './access-log.ts';
import { createAccessLog } from './access-log.ts';
import { createBodyGarbage } from './body-garbage.ts';
import { createForwarder } from './forward.ts';
import type { GatewayServer } from './server.ts';
import { createGatewayServer } from './server.ts';
import type { GatewaySettings } from './settings.ts';
import { createUpstreamClient } from './upstream.ts';

export interface WorkerData {
  settings: GatewaySettings;
  logLevel: LogLevel;
  /** Whether the port is shared with other workers. */
  reusePort: boolean;
}

export type ToWorker =
  | ({ type: 'section' } & SectionPage)
  | { type: 'changes'; id: number; changes: readonly SectionChange[] }
  | { type: 'drain'; graceSeconds: number }
  | { type: 'reopenLog' }
  | FactResults;

export type FromWorker =
  /** The worker has taken the last part of a section. */
  | { type: 'taken' }
  | { type: 'listening'; port: number }
  | { type: 'listenFailed'; code: string; message: string }
  /** The worker acts on the changes of that id. If it is still starting, its first request already does. */
  | { type: 'applied'; id: number }
  /** The worker goes on without these changes. */
  | { type: 'rejected'; id: number; reason: string }
  /** The worker needs these sections whole, and then the changes of that id again. */
  | { type: 'missed'; id: number; sections: readonly string[] }
  | FactBatch
  | { type: 'drained' };

const DRAIN_CHECK_MS = 50;

function main(): void {
  if (!parentPort) throw new TypeError('the gateway worker runs in a worker thread');
  const port = parentPort;
  const { settings, logLevel, reusePort } = workerData as WorkerData;
  const send = (message: FromWorker) => port.postMessage(message);
  const facts = createFactRecorder(send);
  const copies = createSectionCopies(systemClock);
  const accessLog = openAccessLog(settings, createLog(logLevel));
  let gateway: GatewayServer | undefined;

  function listen(): void {
    gateway = createServer({ settings, logLevel, facts, accessLog, copies });
    const { server } = gateway;
    server.on('error', (error: NodeJS.ErrnoException) => {
      send({ type: 'listenFailed', code: error.code ?? '', message: error.message });
    });
    const { host, port: wanted } = settings.listen;
    server.listen({ host, port: wanted, reusePort, exclusive: true }, () => {
      send({ type: 'listening', port: (server.address() as AddressInfo).port });
      // Frees the memory that the transfer of large sections used.
      collectGarbage({ type: 'major', flavor: 'last-resort' });
    });
  }

  function fill(page: SectionPage): void {
    copies.fill(page);
    send({ type: 'taken' });
    if (!copies.isComplete()) return;
    if (gateway) takeOver(gateway, copies);
    else listen();
  }

  function advance(id: number, changes: readonly SectionChange[]): void {
    try {
      const missed = copies.advance(changes);
      if (missed.length > 0) {
        send({ type: 'missed', id, sections: missed });
        return;
      }
      if (gateway) takeOver(gateway, copies);
      send({ type: 'applied', id });
    } catch (error) {
      send({ type: 'rejected', id, reason: error instanceof Error ? error.message : String(error) });
    }
  }

  port.on('message', (message: ToWorker) => {
    if (message.type === 'section') fill(message);
    else if (message.type === 'changes') advance(message.id, message.changes);
    else if (message.type === 'recorded') facts.settle(message);
    else if (message.type === 'reopenLog') accessLog.reopen();
    else
      drain(gateway, message.graceSeconds, () => {
        accessLog.flush();
        send({ type: 'drained' });
      });
  });
}

function openAccessLog(settings: GatewaySettings, log: Log): AccessLog {
  return createAccessLog(settings.accessLog, (error) =>
    log.error({ err: error }, 'the access log cannot be written'),
  );
}

interface ServerParts extends Pick<WorkerData, 'settings' | 'logLevel'> {
  facts: FactRecorder;
  accessLog: AccessLog;
  copies: SectionCopies;
}

function createServer({ settings, logLevel, facts, accessLog, copies }: ServerParts): GatewayServer {
  const upstream = createUpstreamClient(settings.timeouts);
  return createGatewayServer(
    {
      admission: createAdmission(facts, systemClock.now),
      forwarder: createForwarder({ upstream, bodyPassed: createBodyGarbage() }, settings),
      accessLog,
      log: createLog(logLevel),
      snapshot: copies.snapshot,
    },
    settings,
    listenerIdentity(copies.sections),
  );
}

/** Makes the gateway act on the current sections, also for requests under way. */
function takeOver(gateway: GatewayServer, copies: SectionCopies): void {
  gateway.present(listenerIdentity(copies.sections));
  gateway.endRevoked();
}

function drain(gateway: GatewayServer | undefined, graceSeconds: number, drained: () => void): void {
  if (!gateway) {
    drained();
    return;
  }
  const { server, cut } = gateway;
  server.close(drained);
  setInterval(() => server.closeIdleConnections(), DRAIN_CHECK_MS);
  setTimeout(cut, graceSeconds * 1000);
}

main();
