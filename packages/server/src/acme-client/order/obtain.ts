// Obtains one certificate, from its settings: the account key, the session with the directory, the account,
// the order.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import {
  decodePrivateKey,
  encodePem,
  encodePrivateKey,
  generatePrivateKey,
  readCertificates,
} from '@gatehouse/x509';
import type { KeyStore } from '../../platform/keys/key-store.ts';
import { readingProblem } from '../../platform/problems/file-problem.ts';
import { openAccount } from '../account/account.ts';
import { readExternalAccount } from '../account/external-account.ts';
import type { Answerers } from '../challenges/challenge.ts';
import { createHttps } from '../directory/https.ts';
import type { Session } from '../directory/session.ts';
import { openSession } from '../directory/session.ts';
import { OrderFailure } from '../failure.ts';
import type { OrderSettings } from '../settings.ts';
import type { Proof } from './authorizations.ts';
import type { Obtained } from './obtained.ts';
import { placeOrder } from './order.ts';

export interface ObtainDeps {
  keyStore: Pick<KeyStore, 'loadOrCreate'>;
  answerers: Answerers;
  now(): number;
  /** PEM of the roots to trust if no setting names others. */
  systemRoots(): string;
  userAgent: string;
  leftBehind(error: unknown): void;
}

const MINUTE_MS = 60_000;

/**
 * How long a whole order may take. Each step has a separate limit, but a slow directory could delay an order
 * for days, and a certificate has only one order at a time. Most orders take seconds; with dns-01, a name may
 * take two runs of a hook of two minutes each.
 */
export function orderLimitMs(names: number): number {
  return (30 + 5 * names) * MINUTE_MS;
}

/** Throws `OrderFailure`, and the reason of `signal`. */
export async function obtain(
  deps: ObtainDeps,
  settings: OrderSettings,
  { replaces, signal }: { replaces: string | undefined; signal: AbortSignal },
  limitMs = orderLimitMs(settings.names.length),
): Promise<Obtained> {
  const { contact, eab, names, profile } = settings;
  const time = AbortSignal.timeout(limitMs);
  const either = AbortSignal.any([signal, time]);
  try {
    const session = await openDirectory(deps, settings, either);
    const kid = await openAccount(session, { contact, eab: eab && readExternalAccount(eab) });
    const polling = { session, kid, now: deps.now, signal: either };
    return await placeOrder(polling, { names, profile, replaces }, proofOf(deps, settings, signal));
  } catch (error) {
    if (signal.aborted || !time.aborted) throw error;
    const detail = `The order took longer than ${Math.ceil(limitMs / MINUTE_MS)} minutes, so the server stopped it.`;
    throw new OrderFailure(detail, { cause: error });
  }
}

/** A hook has a separate limit, also to remove its records after the order took too long. */
function proofOf(
  { answerers, leftBehind }: ObtainDeps,
  { challenge: kind, hook }: OrderSettings,
  signal: AbortSignal,
): Proof {
  const answerer = answerers[kind](hook);
  return { kind, answer: (challenge) => answerer(challenge, signal), leftBehind };
}

/** A session with the key of our account there. The first use creates the key. */
export async function openDirectory(
  {
    keyStore,
    now,
    systemRoots,
    userAgent,
  }: Pick<ObtainDeps, 'keyStore' | 'now' | 'systemRoots' | 'userAgent'>,
  { directory, trust, eab }: OrderSettings,
  signal: AbortSignal,
): Promise<Session> {
  const account = createHash('sha256')
    .update(JSON.stringify([directory, eab?.keyId ?? null]))
    .digest('hex');
  const secret = await keyStore.loadOrCreate(`acme-client/account/${account.slice(0, 32)}`, newAccountKey);
  const roots = trust === undefined ? systemRoots() : rootsIn(trust);
  const https = createHttps({ roots, userAgent });
  const key = decodePrivateKey(Buffer.from(secret).toString('utf8'));
  return openSession({ https, now, signal }, { directoryUrl: directory, key });
}

function newAccountKey(): Uint8Array {
  return Buffer.from(encodePrivateKey(generatePrivateKey('P-256')), 'utf8');
}

/** Read for each order, so that a replaced file needs no restart. */
export function rootsIn(file: string): string {
  try {
    return readCertificates(readFileSync(file))
      .map(({ der }) => encodePem('CERTIFICATE', der))
      .join('');
  } catch (error) {
    const reason = readingProblem(error) ?? (error as Error).message;
    throw new OrderFailure(`${file} (trust) cannot be used: ${reason}.`, { cause: error });
  }
}
