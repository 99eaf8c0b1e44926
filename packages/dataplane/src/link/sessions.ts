// Asks the control plane about the sessions of encrypted endpoints. The control plane has the sessions of all
// workers, because the requests of a client may reach any worker. Questions that arrive together are sent in
// one message. If the answer does not come in time, the request is refused.
import { GatehouseError } from '@gatehouse/access';
import type {
  Agreement,
  AgreementOutcome,
  EncryptedSessions,
  TokenOutcome,
  UsedToken,
} from '@gatehouse/protocol';

/** The questions of a worker about sessions. */
export type SessionQuestion =
  | { kind: 'agree'; agreement: Agreement }
  | { kind: 'key'; clientId: string }
  | { kind: 'use'; token: UsedToken };

/** The answer to each kind of question; null: there is no session. */
export type SessionAnswer = AgreementOutcome | TokenOutcome | Uint8Array | null;

/** Questions for the control plane. */
export interface SessionQuestions {
  type: 'sessions';
  questions: { id: number; question: SessionQuestion }[];
}

/** The answers to earlier questions. */
export interface SessionAnswers {
  type: 'sessionAnswers';
  answers: { id: number; answer: SessionAnswer }[];
}

const MAX_OUTSTANDING = 2000;
const ANSWER_WITHIN_MS = 3000;

/** `send` sends questions to the control plane. The answers come back through `settle`. */
export function createLinkSessions(
  send: (questions: SessionQuestions) => void,
  answerWithinMs: number = ANSWER_WITHIN_MS,
): EncryptedSessions & { settle(answers: SessionAnswers): void } {
  const outstanding = new Map<number, PromiseWithResolvers<SessionAnswer>>();
  let batch: SessionQuestions['questions'] = [];
  let nextId = 1;

  function flush(): void {
    const questions = batch;
    batch = [];
    send({ type: 'sessions', questions });
    setTimeout(() => giveUp(questions), answerWithinMs).unref();
  }

  function giveUp(questions: SessionQuestions['questions']): void {
    for (const { id } of questions) take(id)?.reject(unavailable());
  }

  function take(id: number): PromiseWithResolvers<SessionAnswer> | undefined {
    const waiting = outstanding.get(id);
    outstanding.delete(id);
    return waiting;
  }

  function ask(question: SessionQuestion): Promise<SessionAnswer> {
    if (outstanding.size >= MAX_OUTSTANDING) return Promise.reject(unavailable());
    const waiting = Promise.withResolvers<SessionAnswer>();
    const id = nextId++;
    outstanding.set(id, waiting);
    if (batch.length === 0) setImmediate(flush);
    batch.push({ id, question });
    return waiting.promise;
  }

  return {
    agree: (agreement) => ask({ kind: 'agree', agreement }) as Promise<AgreementOutcome>,
    async publicKeyOf(clientId) {
      const answer = await ask({ kind: 'key', clientId });
      return answer instanceof Uint8Array ? new Uint8Array(answer) : undefined;
    },
    use: (token) => ask({ kind: 'use', token }) as Promise<TokenOutcome>,
    settle({ answers }) {
      for (const { id, answer } of answers) take(id)?.resolve(answer);
    },
  };
}

/**
 * Answers a question about sessions.
 * @example
 * const answer = await answerSessionQuestion(sessions, { kind: 'key', clientId });
 */
export async function answerSessionQuestion(
  sessions: EncryptedSessions,
  question: SessionQuestion,
): Promise<SessionAnswer> {
  if (question.kind === 'agree') return sessions.agree(question.agreement);
  if (question.kind === 'use') return sessions.use(question.token);
  return (await sessions.publicKeyOf(question.clientId)) ?? null;
}

function unavailable(): GatehouseError {
  return new GatehouseError('unavailable', 'The server cannot tell the state of this session.');
}
