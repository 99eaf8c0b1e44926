// Pending sign-ins at a provider. Each is bound to the browser that began it: a cookie
// has a secret of the sign-in, and `state` names it (RFC 9700 §4.7). So an answer for another browser, an
// answer of another provider and a repeated answer are refused.
import { hash, randomBytes, timingSafeEqual } from 'node:crypto';
import { cookieValue } from '@gatehouse/access';
import type { Call } from '../../platform/http/route.ts';
import { addressShareOf } from '../../platform/limits/address-share.ts';
import type { ShortLivedStore } from '../../platform/short-lived/short-lived-store.ts';

/** The purpose of a sign-in. */
export interface Purpose {
  /** The path after the sign-in. */
  next: string;
  /** Whether the person must sign in again. */
  again: boolean;
  /** The session whose user wants the link; undefined: a sign-in. */
  linkFor?: { sessionId: string; user: string } | undefined;
}

export interface Transaction extends Purpose {
  provider: string;
  /** The hash of the secret in the cookie. */
  secretHash: string;
  nonce: string;
  verifier: string;
  beganAt: number;
}

export interface BegunTransaction {
  state: string;
  nonce: string;
  /** SHA-256 of the verifier (RFC 7636 §4.2). */
  challenge: string;
  /** The field Set-Cookie. */
  cookie: string;
}

export interface Transactions {
  begin(
    provider: string,
    purpose: Purpose,
    call: Pick<Call, 'header' | 'address'>,
  ): Promise<BegunTransaction>;
  /**
   * The transaction with this `state`, only once; undefined if another browser began it, or if it is of
   * another provider.
   */
  take(provider: string, state: string, call: Pick<Call, 'header'>): Promise<Transaction | undefined>;
}

const COOKIE = '__Host-gatehouse-provider';
const LIFETIME_SECONDS = 600;
const OCTETS = 32;
/** The limit for one browser, because people open several tabs. */
const MOST_SECRETS = 4;
const SECRET = /^[\w-]{43}$/;

export function createTransactions(
  waiting: ShortLivedStore<Transaction>,
  clock: { now(): number },
): Transactions {
  return {
    async begin(provider, purpose, call) {
      const [state, secret, nonce, verifier] = [random(), random(), random(), random()];
      const transaction = {
        ...purpose,
        provider,
        secretHash: digest(secret),
        nonce,
        verifier,
        beganAt: clock.now(),
      };
      const options = { owner: addressShareOf(call.address), lifetimeSeconds: LIFETIME_SECONDS };
      await waiting.put(digest(state), transaction, options);
      const secrets = [secret, ...secretsOf(call)].slice(0, MOST_SECRETS);
      return { state, nonce, challenge: digest(verifier), cookie: cookieOf(secrets) };
    },
    async take(provider, state, call) {
      const found = await waiting.find(digest(state));
      if (found?.provider !== provider) return undefined;
      if (!secretsOf(call).some((secret) => matches(secret, found.secretHash))) return undefined;
      return waiting.take(digest(state));
    },
  };
}

function secretsOf({ header }: Pick<Call, 'header'>): string[] {
  const value = cookieValue(header('cookie') ?? '', COOKIE) ?? '';
  return value.split('.').filter((secret) => SECRET.test(secret));
}

/** `Lax`, because the browser comes back from another site. */
function cookieOf(secrets: readonly string[]): string {
  const attributes = `Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=${LIFETIME_SECONDS}`;
  return `${COOKIE}=${secrets.join('.')}; ${attributes}`;
}

function random(): string {
  return randomBytes(OCTETS).toString('base64url');
}

function digest(text: string): string {
  return hash('sha256', text, 'base64url');
}

function matches(secret: string, secretHash: string): boolean {
  return timingSafeEqual(Buffer.from(digest(secret)), Buffer.from(secretHash));
}
