// Digest (RFC 7616) with a generated password. A nonce belongs to the process that uses it first: that
// process claims it, and then counts its uses. In another process, or after a reuse, the nonce is stale, and
// the client repeats its request with a new one.

import type { Claims } from '../admission/claims.ts';
import { uncertain } from '../admission/claims.ts';
import type { BoundedMap } from '../bounded-map.ts';
import { createBoundedMap } from '../bounded-map.ts';
import type { Clock } from '../clock.ts';
import type { DigestCredentials } from '../credentials/digest-credentials.ts';
import { digestMatches, parseDigestCredentials, REALM } from '../credentials/digest-credentials.ts';
import { isSameTarget } from '../credentials/same-target.ts';
import { createNonces } from '../credentials/server-nonce.ts';
import { GatehouseError } from '../errors/errors.ts';
import type { Principal } from '../principals/principal.ts';
import type { DigestAlgorithm, Principals } from '../principals/principals.ts';
import { schemeValue } from './header-field.ts';
import { createKnownPeople } from './known-people.ts';
import type { Presented, WayIn } from './way-in.ts';

/** How Digest is offered. */
export interface DigestTrust {
  /** The run of the clock in which the key was made. */
  run: number;
  /** All processes have the same key. */
  nonceKey: Uint8Array;
  /** Whether MD5 is offered and accepted. */
  md5: boolean;
}

export interface DigestDeps {
  principals: Pick<Principals, 'users' | 'digests'>;
  trust: DigestTrust;
  claims: Claims;
  clock: Clock;
}

/** The uses of a nonce that this process counts. */
interface NonceUse {
  count: number;
  /** Milliseconds since the epoch. */
  endsAt: number;
  /** Set until the nonce is claimed. */
  pending: Promise<void> | undefined;
}

const NONCES_COUNTED = 16_384;
/** With this, an unknown user takes as long as a wrong password. */
const NO_SECRET = '0'.repeat(64);

/** `principals` may change during use. */
export function digestWay({ principals, trust, claims, clock }: DigestDeps): WayIn<string> {
  const people = createKnownPeople(principals, { via: 'digest', wrong });
  const nonces = createNonces(trust.nonceKey, clock);
  const uses: BoundedMap<string, NonceUse> = createBoundedMap(NONCES_COUNTED);

  function requireUser(given: DigestCredentials, method: string): Principal {
    const { username, algorithm } = given;
    return people.accept(username, (facts) => digestMatches(given, facts?.[algorithm] ?? NO_SECRET, method));
  }

  /** Resolves when this process has claimed the nonce. */
  function requireCount({ nonce, count, username: party }: DigestCredentials): Promise<void> | undefined {
    const use = uses.get(nonce);
    if (use) {
      if (count <= use.count || clock.now() >= use.endsAt) throw stale();
      use.count = count;
      return use.pending;
    }
    const endsAt = nonces.endOf(nonce);
    if (endsAt === undefined) throw stale();
    const first: NonceUse = { count, endsAt, pending: undefined };
    first.pending = claims.claim({ key: `digest:${nonce}`, party, expiresAt: endsAt, run: trust.run }).then(
      (outcome) => {
        if (outcome === 'first') first.pending = undefined;
        else forget(nonce, first, outcome === 'again' ? stale() : uncertain(outcome, FULL));
      },
      (error: unknown) => forget(nonce, first, error),
    );
    uses.set(nonce, first);
    return first.pending;
  }

  function forget(nonce: string, use: NonceUse, error: unknown): never {
    if (uses.get(nonce) === use) uses.delete(nonce);
    throw error;
  }

  function requireOffered({ realm, algorithm }: DigestCredentials): void {
    if (realm !== REALM) throw malformed('name another realm');
    if (algorithm === 'MD5' && !trust.md5) throw malformed('use MD5, which is not offered');
  }

  return {
    name: 'digest',
    description: 'a digest password',
    find: ({ authorization }) => schemeValue(authorization, 'digest'),
    authenticate(value, { request }: Presented) {
      const given = parseDigestCredentials(value);
      requireOffered(given);
      if (!isSameTarget(given.uri, request)) throw malformed('are for another uri than the request');
      const principal = requireUser(given, request.method);
      const pending = requireCount(given);
      return pending ? pending.then(() => principal) : principal;
    },
    current: people.current,
    challenge(code) {
      const nonce = nonces.create();
      const rest = code === 'nonce_stale' ? ', stale=true' : '';
      return offered(trust)
        .map((algorithm) => `${CHALLENGE}, algorithm=${algorithm}, nonce="${nonce}"${rest}`)
        .join(', ');
    },
  };
}

const CHALLENGE = `Digest realm="${REALM}", qop="auth", opaque="${REALM}", charset=UTF-8`;

/**
 * RFC 7616 §3.7: a client uses the first challenge that it supports. curl always uses the first one, and does
 * not support SHA-512-256 before 8.10. Python's requests reads all challenges as one, so it uses the last,
 * and does not support SHA-512-256 either. So SHA-256 is first and last.
 */
function offered({ md5 }: DigestTrust): readonly DigestAlgorithm[] {
  return md5 ? ['SHA-256', 'SHA-512-256', 'MD5', 'SHA-256'] : ['SHA-256', 'SHA-512-256', 'SHA-256'];
}

function wrong(): GatehouseError {
  return new GatehouseError('credential_invalid', 'The user name or the digest password is wrong.');
}

function malformed(what: string): GatehouseError {
  return new GatehouseError(
    'credential_malformed',
    `The Digest credentials ${what}: ask for a new challenge.`,
  );
}

function stale(): GatehouseError {
  return new GatehouseError('nonce_stale', 'The nonce was used before, or is too old: use the new one.');
}

const FULL = 'This user has too many nonces in use: try again in a few minutes.';
