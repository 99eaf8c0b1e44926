// A data plane process, controlled by its link: it takes the start message and its sections, listens, applies
// changes, and drains. It ends when the link ends, because without the control plane it would accept revoked
// credentials.
import type { SectionChange, SectionPage } from '@gatehouse/access';
import { createFactRecorder, createSectionCopies } from '@gatehouse/access';
import { createAccessLog } from '../access-log/access-log.ts';
import { createRequestClock } from '../admission/request-clock.ts';
import { createCounts } from '../counts/counts.ts';
import type { Gateway, GatewayDeps } from '../gateway.ts';
import type { Batch } from '../link/batch.ts';
import { createBatch } from '../link/batch.ts';
import { createLinkClaims } from '../link/claims.ts';
import type { HandshakeFacts } from '../link/handshake-facts.ts';
import { handshakeFacts } from '../link/handshake-facts.ts';
import type { Link, LinkStreams } from '../link/link.ts';
import { openLink } from '../link/link.ts';
import type { LogLine } from '../link/log.ts';
import { createLog } from '../link/log.ts';
import type { FromDataPlane, StartMessage, ToDataPlane } from '../link/messages.ts';
import { createLinkSessions } from '../link/sessions.ts';
import type { HandshakeRecord } from '../transport/transport.ts';
import { descriptorLimit } from './descriptors.ts';
import { createReports } from './reports.ts';

export type CreateGateway<Settings> = (deps: Omit<GatewayDeps, 'transport'>, settings: Settings) => Gateway;

export interface ProcessParts<Settings> {
  streams: LinkStreams;
  createGateway: CreateGateway<Settings>;
  /** Ends the process. An error means that the link failed. */
  exit(error: Error | undefined): void;
}

const LOG_BATCH = { delayMs: 20, maxItems: 1000 };
const HANDSHAKE_BATCH = { delayMs: 100, maxItems: 5000 };

/** Runs until the link ends. */
export function runDataPlane<Settings>({ streams, createGateway, exit }: ProcessParts<Settings>): void {
  let dataPlane: DataPlane | undefined;
  const link = openLink<ToDataPlane<Settings>, FromDataPlane>(streams, {
    message(message) {
      if (message.type === 'start') dataPlane = createDataPlane(link, message, createGateway);
      else if (dataPlane) dataPlane.receive(message);
      else throw new TypeError(`the first message was ${message.type}, not start`);
    },
    ended(error) {
      dataPlane?.end();
      exit(error);
    },
  });
}

interface DataPlane {
  receive(message: Exclude<ToDataPlane, StartMessage>): void;
  /** Writes the waiting lines of the access log. */
  end(): void;
}

function createDataPlane<Settings>(
  link: Link<FromDataPlane>,
  { settings, logLevel, accessLog: target }: StartMessage<Settings>,
  createGateway: CreateGateway<Settings>,
): DataPlane {
  const facts = createFactRecorder((batch) => link.send(batch));
  const clock = createRequestClock();
  const claims = createLinkClaims((batch) => link.send(batch));
  const sessions = createLinkSessions((questions) => link.send(questions));
  const copies = createSectionCopies({ clock, claims });
  // The level of the start message counts until the section arrives.
  const level = () => copies.sections.settings.get('default')?.logLevel ?? logLevel;
  const log = createLog(level, logLines(link));
  const handshakes = handshakeRecords(link);
  const accessLog = createAccessLog(target, (error) => log.event('gateway.access_log_failed', { error }));
  const counts = createCounts();
  const descriptors = descriptorLimit();
  const reports = createReports(link, counts, () => gateway?.connections() ?? 0);
  let gateway: Gateway | undefined;
  /** Resolves when the gateway listens. */
  let listening: Promise<void> | undefined;

  async function listen(): Promise<void> {
    const handshake = (record: HandshakeRecord) => handshakes.add(handshakeFacts(record));
    gateway = createGateway(
      { copies, clock, facts, claims, accessLog, log, counts, descriptors, sessions, handshake },
      settings,
    );
    link.send({ type: 'listening', port: await gateway.listen() });
  }

  function fill(page: SectionPage): void {
    copies.fill(page);
    link.send({ type: 'taken' });
    if (!copies.isComplete()) return;
    if (listening) {
      listening.then(takeOver).catch((error) => log.event('gateway.section_failed', { error }));
      return;
    }
    collectGarbage();
    listening = listen();
    listening.catch((error: NodeJS.ErrnoException) => {
      link.send({ type: 'listenFailed', code: error.code ?? '', message: error.message });
    });
  }

  async function takeOver(): Promise<void> {
    await gateway?.sectionsChanged();
  }

  async function advance(id: number, changes: readonly SectionChange[]): Promise<void> {
    try {
      const missed = copies.advance(changes);
      if (missed.length > 0) {
        link.send({ type: 'missed', id, sections: missed });
        return;
      }
      await listening?.then(takeOver);
      link.send({ type: 'applied', id });
    } catch (error) {
      link.send({ type: 'rejected', id, reason: error instanceof Error ? error.message : String(error) });
    }
  }

  async function drain(graceSeconds: number): Promise<void> {
    await gateway?.drain(graceSeconds);
    accessLog?.flush();
    reports.last();
    link.send({ type: 'drained' });
  }

  return {
    receive(message) {
      if (message.type === 'section') fill(message);
      else if (message.type === 'changes') void advance(message.id, message.changes);
      else if (message.type === 'recorded') facts.settle(message);
      else if (message.type === 'claimed') claims.settle(message);
      else if (message.type === 'sessionAnswers') sessions.settle(message);
      else if (message.type === 'ping') link.send({ type: 'pong', id: message.id });
      else if (message.type === 'reopenLog') accessLog?.reopen();
      else void drain(message.graceSeconds);
    },
    end: () => accessLog?.flush(),
  };
}

function logLines(link: Link<FromDataPlane>): Batch<LogLine> {
  return createBatch(link, (lines, lost) => link.send({ type: 'log', lines, lost }), LOG_BATCH);
}

function handshakeRecords(link: Link<FromDataPlane>): Batch<HandshakeFacts> {
  const send = (records: HandshakeFacts[], lost: number) => link.send({ type: 'handshakes', records, lost });
  return createBatch(link, send, HANDSHAKE_BATCH);
}

/**
 * Bun's garbage collector. Without this call, the memory of the first copies of large sections would stay
 * allocated. Node has no such function, and there the heap of a worker is small.
 */
function collectGarbage(): void {
  (globalThis as { Bun?: { gc(isSynchronous: boolean): void } }).Bun?.gc(true);
}
