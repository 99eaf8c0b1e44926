// The client's side of Digest (RFC 7616) for one server or proxy: it remembers the nonce and counts its uses.
// Takes the strongest algorithm that is offered. Refuses a challenge of another kind.
import { createHash } from 'node:crypto';
import type { Challenge } from './challenges.ts';

/** A name and a password. */
export interface Password {
  username: string;
  password: string;
}

/** What is authenticated. */
export interface DigestTarget {
  method: string;
  /** The request target, as it is sent. */
  uri: string;
  /** The content, if it is in memory: needed for `auth-int`. */
  content?: string | Uint8Array | null;
}

export interface DigestSession {
  /** The value of the field, or undefined before the first challenge. */
  authorize(target: DigestTarget): string | undefined;
  /**
   * Remembers the best of these challenges. Returns whether to send the request again: false if the server
   * has refused the same password before.
   */
  accept(challenges: readonly Challenge[], sent: string | undefined): boolean;
  /** Takes the next nonce from Authentication-Info (RFC 7616 §3.5). */
  learn(info: string | null): void;
}

/** The strongest first. MD5 is used only if the server offers nothing better. */
const ALGORITHMS: readonly (readonly [name: string, hash: string])[] = [
  ['sha-512-256', 'sha512-256'],
  ['sha-256', 'sha256'],
  ['md5', 'md5'],
];

interface Accepted {
  challenge: Readonly<Record<string, string>>;
  hash: string;
  session: boolean;
  qop: 'auth' | 'auth-int' | undefined;
  nonce: string;
  count: number;
}

/** A session before its first challenge. `randomNonce` makes the client's nonces. */
export function createDigestSession(password: Password, randomNonce: () => string): DigestSession {
  let accepted: Accepted | undefined;
  return {
    authorize(target) {
      if (accepted === undefined) return undefined;
      accepted.count += 1;
      return authorization(accepted, password, target, randomNonce());
    },
    accept(challenges, sent) {
      const best = bestOf(challenges);
      // Refuses a change to a weaker algorithm (RFC 7616 §5.1, §5.8).
      if (best === undefined || strengthOf(best) < strengthOf(accepted)) return false;
      const isNew = sent === undefined || best.challenge.stale?.toLowerCase() === 'true';
      accepted = best;
      return isNew;
    },
    learn(info) {
      const [, next] = /(?:^|,)\s*nextnonce="([^"]*)"/i.exec(info ?? '') ?? [];
      if (accepted !== undefined && next !== undefined) accepted = { ...accepted, nonce: next, count: 0 };
    },
  };
}

function bestOf(challenges: readonly Challenge[]): Accepted | undefined {
  for (const [name, hash] of ALGORITHMS) {
    for (const { scheme, parameters } of challenges) {
      if (scheme !== 'digest' || parameters.nonce === undefined) continue;
      const algorithm = (parameters.algorithm ?? 'MD5').toLowerCase();
      if (algorithm !== name && algorithm !== `${name}-sess`) continue;
      const qop = qopOf(parameters.qop);
      if (qop === 'unknown') continue;
      const session = algorithm.endsWith('-sess');
      return { challenge: parameters, hash, session, qop, nonce: parameters.nonce, count: 0 };
    }
  }
  return undefined;
}

function strengthOf(session: Accepted | undefined): number {
  const index = ALGORITHMS.findIndex(([, hash]) => hash === session?.hash);
  return index === -1 ? 0 : ALGORITHMS.length - index;
}

function qopOf(offered: string | undefined): 'auth' | 'auth-int' | 'unknown' | undefined {
  if (offered === undefined) return undefined; // RFC 2069
  const names = offered.toLowerCase().split(/[\s,]+/);
  if (names.includes('auth')) return 'auth';
  return names.includes('auth-int') ? 'auth-int' : 'unknown';
}

function authorization(
  accepted: Accepted,
  { username, password }: Password,
  target: DigestTarget,
  cnonce: string,
) {
  const { challenge, hash, session, qop, nonce, count } = accepted;
  const h = (text: string | Uint8Array) => createHash(hash).update(text).digest('hex');
  const { realm = '' } = challenge;
  const nc = count.toString(16).padStart(8, '0');
  const base = h(`${username}:${realm}:${password}`);
  const a1 = session ? h(`${base}:${nonce}:${cnonce}`) : base;
  const content = qop === 'auth-int' ? `:${h(target.content ?? '')}` : '';
  const a2 = h(`${target.method}:${target.uri}${content}`);
  const middle = qop === undefined ? nonce : `${nonce}:${nc}:${cnonce}:${qop}`;
  const fields = [
    nameField(username, challenge, h),
    `realm=${quoted(realm)}`,
    `nonce=${quoted(nonce)}`,
    `uri=${quoted(target.uri)}`,
    `response="${h(`${a1}:${middle}:${a2}`)}"`,
    ...(challenge.algorithm === undefined ? [] : [`algorithm=${challenge.algorithm}`]),
    ...(challenge.opaque === undefined ? [] : [`opaque=${quoted(challenge.opaque)}`]),
    ...(qop === undefined && !session ? [] : [`cnonce="${cnonce}"`]),
    ...(qop === undefined ? [] : [`qop=${qop}`, `nc=${nc}`]),
    ...(hidesName(challenge) ? ['userhash=true'] : []),
  ];
  return `Digest ${fields.join(', ')}`;
}

/** RFC 7616 §3.4: a hash of the name, the name, or the name in the notation of RFC 8187. */
function nameField(
  username: string,
  challenge: Readonly<Record<string, string>>,
  h: (text: string) => string,
) {
  if (hidesName(challenge)) return `username="${h(`${username}:${challenge.realm ?? ''}`)}"`;
  if (/^[\x20-\x7e]*$/.test(username)) return `username=${quoted(username)}`;
  const encoded = encodeURIComponent(username).replaceAll(/['()*]/g, percentEncoded);
  return `username*=UTF-8''${encoded}`;
}

function hidesName({ userhash }: Readonly<Record<string, string>>): boolean {
  return userhash?.toLowerCase() === 'true';
}

function quoted(text: string): string {
  return `"${text.replaceAll(/["\\]/g, '\\$&')}"`;
}

function percentEncoded(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}
