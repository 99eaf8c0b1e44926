// The authorizations of an order (RFC 8555 §7.1.4, §7.5): publishes all answers, asks the directory to
// validate, and removes the answers in every case. Refuses authorizations for names that we did not order,
// because the names become arguments of a hook.
import type { Answerer, Challenge } from '../challenges/challenge.ts';
import { OrderFailure, oneLine, problemFrom } from '../failure.ts';
import type { ChallengeKind } from '../settings.ts';
import type { Polling } from './poll.ts';
import { poll } from './poll.ts';

export interface Proof {
  kind: ChallengeKind;
  answer(challenge: Challenge): ReturnType<Answerer>;
  /** Called if an answer could not be removed. The order continues. */
  leftBehind(error: unknown): void;
}

/** The authorizations that the directory wants, and the names that we ordered. */
export interface Ordered {
  urls: readonly string[];
  names: readonly string[];
}

interface Pending extends Challenge {
  /** The URL of the authorization. */
  url: string;
  challengeUrl: string;
}

/** Resolves when all of them are valid. Throws `OrderFailure`. */
export async function authorize(polling: Polling, { urls, names }: Ordered, proof: Proof): Promise<void> {
  if (urls.length > names.length)
    throw new OrderFailure(`The directory requires ${urls.length} authorizations for ${names.length} names.`);
  const hosts = new Set(names.map((name) => name.replace(/^\*\./, '')));
  const pending: Pending[] = [];
  for (const url of urls) {
    const found = await findPending(polling, url, proof.kind);
    if (!found) continue;
    if (!hosts.has(found.name))
      throw new OrderFailure(`The directory asks about ${oneLine(found.name)}, which we did not order.`);
    pending.push(found);
  }
  const removals: (() => Promise<void>)[] = [];
  try {
    for (const each of pending) {
      polling.signal.throwIfAborted();
      removals.push(await proof.answer(each));
    }
    for (const { challengeUrl } of pending)
      await polling.session.post(challengeUrl, { kid: polling.kid, payload: {} });
    for (const each of pending) await requireValid(polling, each, proof.kind);
  } finally {
    for (const remove of removals) await remove().catch(proof.leftBehind);
  }
}

/** Undefined if the authorization is already valid. */
async function findPending(
  { session, kid }: Polling,
  url: string,
  kind: ChallengeKind,
): Promise<Pending | undefined> {
  const { body } = await session.post(url, { kid });
  if (body.status === 'valid') return undefined;
  const name = String(Object(body.identifier).value);
  const challenges = Array.isArray(body.challenges) ? (body.challenges as Record<string, unknown>[]) : [];
  const found = challenges.find(({ type }) => type === kind);
  if (!found) {
    const offered = challenges.map(({ type }) => String(type)).join(', ');
    throw new OrderFailure(`The directory does not offer ${kind} for ${name}, only ${offered || 'nothing'}.`);
  }
  const { token, url: challengeUrl } = found;
  if (typeof token !== 'string' || typeof challengeUrl !== 'string' || !TOKEN.test(token))
    throw new OrderFailure(`The directory offers ${kind} for ${name} without a valid token (RFC 8555 §8.1).`);
  return { url, challengeUrl, name, token, keyAuthorization: `${token}.${session.thumbprint}` };
}

/** RFC 8555 §8.1: the base64url alphabet. The token becomes a part of a path. */
const TOKEN = /^[\w-]{1,200}$/;

async function requireValid(polling: Polling, { url, name }: Pending, kind: ChallengeKind): Promise<void> {
  const { body } = await poll(polling, url, ['pending', 'processing']);
  if (body.status === 'valid') return;
  const challenges = Array.isArray(body.challenges) ? (body.challenges as Record<string, unknown>[]) : [];
  const problem = problemFrom(challenges.find(({ type, error }) => type === kind && error)?.error);
  const reason = problem ? `${problem.detail} (${problem.type})` : `it is ${String(body.status)}`;
  throw new OrderFailure(`The directory could not validate ${name} by ${kind}: ${reason}`, {
    type: problem?.type,
  });
}
