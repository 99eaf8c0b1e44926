// The control plane's end of one data plane process: it records what was sent to the process and what the
// process has confirmed. The process may die or stop answering at any time.

import type { ClaimBatch, Claims, Fact, FactBatch, FactResult, SectionChange } from '@gatehouse/access';
import { GatehouseError } from '@gatehouse/access';
import type {
  FromDataPlane,
  HandshakeFacts,
  Link,
  LogLine,
  ProcessReport,
  SessionQuestions,
  StartMessage,
  ToDataPlane,
} from '@gatehouse/dataplane';
import { answerSessionQuestion, openLink } from '@gatehouse/dataplane';
import type { EncryptedSessions } from '@gatehouse/protocol';
import type { Section } from '../../platform/feed/feed.ts';
import { createHealthCheck } from './health-check.ts';
import type { LaunchedProcess } from './launch.ts';
import { createSectionSender } from './section-sender.ts';

export interface ProcessCallbacks {
  /** Writes a fact to the ledger; resolves when it is on disk. */
  record(fact: Fact): Promise<void>;
  claims: Claims;
  /** The sessions of the encrypted endpoints. */
  sessions: EncryptedSessions;
  /** The current sections. */
  sections(): readonly Section[];
  /** `lost` counts records that the process had to drop before these. */
  handshakes(records: readonly HandshakeFacts[], lost: number): void;
  counted(report: ProcessReport): void;
  /** `lost` counts lines that the process had to drop before these. */
  log(lines: readonly LogLine[], lost: number): void;
  failed(error: Error): void;
  exited(cause: string): void;
}

export interface ProcessHandle {
  /** Resolves when the process listens. Rejects with Node's error when it cannot. */
  readonly listening: Promise<void>;
  /** The id of its process; undefined if none could be started. */
  readonly pid: number | undefined;
  /**
   * Resolves when the process has applied the changes, or has ended. Rejects if it refuses them. Ends a
   * process that does neither in time.
   */
  apply(changes: readonly SectionChange[]): Promise<void>;
  /**
   * Resolves when the process has finished its requests and has ended. Ends a process that takes a second
   * longer than its grace time.
   */
  drain(graceSeconds: number): Promise<void>;
  reopenLog(): void;
  /** Ends the process at once, as a crash would. */
  terminate(): Promise<void>;
}

const APPLY_TIMEOUT_MS = 5000;
// After its grace time, a draining worker has this long to close the remaining connections and write its log.
const DRAIN_MARGIN_MS = 1000;

/** The handlers of messages. */
type Receivers = {
  [Type in FromDataPlane['type']]: (message: Extract<FromDataPlane, { type: Type }>) => void;
};

interface Waiting {
  resolve(): void;
  reject(error: Error): void;
}

/** `launch` starts the process, and calls `exited` when it has ended. */
export function startProcess(
  launch: (exited: (cause: string) => void) => LaunchedProcess,
  start: Omit<StartMessage, 'type'>,
  callbacks: ProcessCallbacks,
): ProcessHandle {
  const applying = new Map<number, Waiting>();
  const listening = Promise.withResolvers<void>();
  const gone = Promise.withResolvers<void>();
  let lastId = 0;
  let isListening = false;
  let hasEnded = false;

  const child = launch((cause) => {
    hasEnded = true;
    health.stop();
    for (const waiting of applying.values()) waiting.resolve();
    listening.reject(new Error(`the process ended before it listened: ${cause}`));
    gone.resolve();
    callbacks.exited(cause);
  });
  const link: Link<ToDataPlane> = openLink<FromDataPlane, ToDataPlane>(child.streams, {
    message: (message) => (receivers[message.type] as (message: FromDataPlane) => void)(message),
    ended(error) {
      if (error) fail(error);
      child.kill();
    },
  });
  const sender = createSectionSender((page) => send({ type: 'section', ...page }));
  const health = createHealthCheck({
    ping: (id) => send({ type: 'ping', id }),
    silent() {
      fail(new Error('the process does not answer'));
      child.kill();
    },
  });
  // If the start fails, `failed` and `exited` are called, too.
  listening.promise.catch(() => {});
  send({ type: 'start', ...start });
  sender.send(callbacks.sections());

  /** A process that missed a message must not continue. Another one starts with all sections. */
  function send(message: ToDataPlane): void {
    try {
      link.send(message);
    } catch (error) {
      fail(error as Error);
      child.kill();
    }
  }

  function fail(error: Error): void {
    if (!hasEnded) callbacks.failed(error);
  }

  /**
   * Sends the sections in which the process missed a change. An empty change after them replaces the change
   * that the process waits for.
   */
  function sendAgain(id: number, missed: readonly string[]): void {
    const sections = callbacks.sections().filter(({ name }) => missed.includes(name));
    sender.send(sections, () => send({ type: 'changes', id, changes: [] }));
  }

  const receivers: Receivers = {
    facts: (batch) => void recordFacts(batch),
    claims: (batch) => void answerClaims(batch),
    sessions: (asked) => void answerQuestions(asked),
    taken: () => sender.taken(),
    listening() {
      isListening = true;
      listening.resolve();
    },
    listenFailed: ({ code, message }) => listening.reject(Object.assign(new Error(message), { code })),
    applied: ({ id }) => settle(id, (waiting) => waiting.resolve()),
    missed: ({ id, sections }) => sendAgain(id, sections),
    rejected: ({ id, reason }) => settle(id, (waiting) => waiting.reject(new Error(reason))),
    handshakes: ({ records, lost }) => callbacks.handshakes(records, lost),
    counted: ({ type, ...report }) => callbacks.counted(report),
    log: ({ lines, lost }) => callbacks.log(lines, lost),
    pong: ({ id }) => health.answered(id),
    drained: () => void child.streams.output.end(),
  };

  function settle(id: number, how: (waiting: Waiting) => void): void {
    const waiting = applying.get(id);
    applying.delete(id);
    if (waiting) how(waiting);
  }

  async function recordFacts({ facts }: FactBatch): Promise<void> {
    const results = await Promise.all(
      facts.map(({ id, fact }) =>
        callbacks.record(fact).then(
          () => ({ id, ok: true }),
          (error: unknown) => notRecorded(id, error),
        ),
      ),
    );
    send({ type: 'recorded', results });
  }

  /** If a claim fails, the process gets no answer and refuses the request. */
  async function answerClaims({ claims }: ClaimBatch): Promise<void> {
    const asked = claims.map(async ({ id, claim }) => ({ id, outcome: await callbacks.claims.claim(claim) }));
    const answered = await Promise.allSettled(asked);
    const results = answered.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    send({ type: 'claimed', results });
    for (const result of answered) if (result.status === 'rejected') failed(result.reason);
  }

  /** If a question fails, the process gets no answer and refuses the request. */
  async function answerQuestions({ questions }: SessionQuestions): Promise<void> {
    const asked = questions.map(async ({ id, question }) => {
      return { id, answer: await answerSessionQuestion(callbacks.sessions, question) };
    });
    const answered = await Promise.allSettled(asked);
    const answers = answered.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    send({ type: 'sessionAnswers', answers });
    for (const result of answered) if (result.status === 'rejected') failed(result.reason);
  }

  function notRecorded(id: number, error: unknown): FactResult {
    if (error instanceof GatehouseError && error.status < 500) {
      return { id, ok: false, refusal: { code: error.code, detail: error.message } };
    }
    failed(error);
    return { id, ok: false };
  }

  function failed(error: unknown): void {
    callbacks.failed(error instanceof Error ? error : new Error(String(error)));
  }

  return {
    listening: listening.promise,
    pid: child.pid,
    apply(changes) {
      if (hasEnded) return Promise.resolve();
      lastId += 1;
      const id = lastId;
      const applied = new Promise<void>((resolve, reject) => {
        applying.set(id, { resolve, reject });
      });
      send({ type: 'changes', id, changes });
      // A process that is starting serves nothing yet, so it may take longer.
      if (!isListening) return applied;
      // A process that hangs could still accept revoked credentials, so the server replaces it.
      const deadline = setTimeout(child.kill, APPLY_TIMEOUT_MS);
      return applied.finally(() => clearTimeout(deadline));
    },
    drain(graceSeconds) {
      if (hasEnded) return Promise.resolve();
      send({ type: 'drain', graceSeconds });
      // A process that hangs does not end by itself.
      const deadline = setTimeout(child.kill, graceSeconds * 1000 + DRAIN_MARGIN_MS);
      return gone.promise.finally(() => clearTimeout(deadline));
    },
    reopenLog: () => send({ type: 'reopenLog' }),
    async terminate() {
      if (hasEnded) return;
      child.kill();
      await gone.promise;
    },
  };
}
