// One gateway worker: a thread with its own event loop, sharing the port with the others. It knows what its snapshot says and
// nothing else, and asks the control plane only to record facts.
import type { AddressInfo, Socket } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';
import { systemClock } from '../platform/clock.ts';
import type { LogLevel } from '../platform/log.ts';
import { createLog } from '../platform/log.ts';
import { createAccessLog } from './access-log.ts';
import { createAdmission } from './admission.ts';
import { createBodyGarbage } from './body-garbage.ts';
import type { FactBatch, FactResults } from './facts.ts';
import { createFactRecorder } from './facts.ts';
import { createForwarder } from './forward.ts';
import { createGatewayServer } from './server.ts';
import type { GatewaySettings } from './settings.ts';
import type { GatewaySnapshot } from './snapshot.ts';
import { compileSnapshot } from './snapshot.ts';
import { createUpstreamClient } from './upstream.ts';

export interface WorkerData {
  settings: GatewaySettings;
  snapshot: GatewaySnapshot;
  logLevel: LogLevel;
  /** Whether the port is shared with other workers. */
  reusePort: boolean;
}

export type ToWorker =
  | { type: 'snapshot'; snapshot: GatewaySnapshot }
  | { type: 'drain'; graceSeconds: number }
  | { type: 'reopenLog' }
  | FactResults;

export type FromWorker =
  | { type: 'listening'; port: number }
  | { type: 'listenFailed'; code: string; message: string }
  | { type: 'applied'; version: number }
  | { type: 'rejected'; version: number; reason: string }
  | FactBatch
  | { type: 'drained' };

const DRAIN_CHECK_MS = 50;

function main(): void {
  if (!parentPort) throw new TypeError('the gateway worker runs in a worker thread');
  const port = parentPort;
  const { settings, snapshot, logLevel, reusePort } = workerData as WorkerData;
  const send = (message: FromWorker) => port.postMessage(message);

  const facts = createFactRecorder(send);
  const log = createLog(logLevel);
  const accessLog = createAccessLog(settings.accessLog, (error) =>
    log.error({ err: error }, 'the access log cannot be written'),
  );
  const upstream = createUpstreamClient(settings.timeouts);
  let compiled = compileSnapshot(snapshot, systemClock);
  const gateway = createGatewayServer(
    {
      admission: createAdmission(facts, systemClock.now),
      forwarder: createForwarder({ upstream, bodyPassed: createBodyGarbage() }, settings),
      accessLog,
      log,
      snapshot: () => compiled,
    },
    settings,
    snapshot.tls,
  );
  const { server } = gateway;

  // Node forgets connections that became WebSockets; the drain must not.
  const connections = new Set<Socket>();
  server.on('connection', (connection: Socket) => {
    connections.add(connection);
    connection.once('close', () => connections.delete(connection));
  });

  function apply(next: GatewaySnapshot): void {
    try {
      const nextCompiled = compileSnapshot(next, systemClock);
      gateway.present(next.tls);
      compiled = nextCompiled;
      gateway.endRevoked();
      send({ type: 'applied', version: next.version });
    } catch (error) {
      send({
        type: 'rejected',
        version: next.version,
        reason: error instanceof Error ? error.message : String(error),
      });
    }
  }

  function drain(graceSeconds: number): void {
    server.close(() => {
      accessLog.flush();
      send({ type: 'drained' });
    });
    setInterval(() => server.closeIdleConnections(), DRAIN_CHECK_MS);
    setTimeout(() => {
      for (const connection of connections) connection.destroy();
    }, graceSeconds * 1000);
  }

  port.on('message', (message: ToWorker) => {
    if (message.type === 'snapshot') apply(message.snapshot);
    else if (message.type === 'recorded') facts.settle(message);
    else if (message.type === 'reopenLog') accessLog.reopen();
    else drain(message.graceSeconds);
  });

  server.on('error', (error: NodeJS.ErrnoException) => {
    send({ type: 'listenFailed', code: error.code ?? '', message: error.message });
  });
  server.listen(
    { host: settings.listen.host, port: settings.listen.port, reusePort, exclusive: true },
    () => {
      send({ type: 'listening', port: (server.address() as AddressInfo).port });
    },
  );
}

main();
