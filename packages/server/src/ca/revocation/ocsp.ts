// The OCSP responder (RFC 6960, RFC 5019): answers for every certificate of the inventory, signed by a
// delegate of its issuer. An answer expires no later than its certificates and its signer. Answers without a
// nonce are cached, and sent again for half of their life.
import type { CertId, OcspRequest, OcspStatus } from '@gatehouse/x509';
import { createOcspRequest, encodeOcspError, readOcspRequest, X509Error } from '@gatehouse/x509';
import type { CommittedEvent } from '../../platform/feed/events.ts';
import type { Projection } from '../../platform/feed/feed.ts';
import { isRevocation } from '../events.ts';
import type { Authorities } from '../hierarchy/authorities.ts';
import type { Intermediate } from '../hierarchy/hierarchy.ts';
import type { CaStore } from '../store/store.ts';
import type { CaSettings } from '../types.ts';
import type { DelegatesDeps } from './delegates.ts';
import { createDelegates } from './delegates.ts';
import type { CertificateStanding } from './statuses.ts';
import { createStatuses, UNKNOWN } from './statuses.ts';

export interface OcspAnswer {
  der: Uint8Array;
  /** How long caches may use it; 0 for an answer to this request only. */
  maxAgeSeconds: number;
}

export interface StapledAnswer extends OcspAnswer {
  /** The serial number of the certificate that signed it. */
  signedBy: string;
}

export interface Ocsp {
  /** Answers any octets. If they are no request, the answer is the error of RFC 6960 §4.2.1. */
  answer(request: Uint8Array): Promise<OcspAnswer>;
  /**
   * The answer for one of our certificates, for stapling (RFC 6066 §8). The parameters are PEM of the
   * certificate and of its issuer.
   */
  staple(certificate: string, issuer: string): Promise<StapledAnswer>;
  /** Clear the caches, also of delegates, when a certificate is revoked. */
  projections: readonly Projection[];
}

export interface OcspDeps extends DelegatesDeps {
  store: Pick<CaStore, 'revocation'>;
  authorities: Authorities;
}

const ANSWERS_CACHED = 10_000;
// With SHA-512 and the longest serial number a CertID has 173 octets.
const MAX_CACHED_CERT_ID_BYTES = 192;

interface SignedAnswer extends StapledAnswer {
  /** Whether each of its certificates is in the inventory. */
  isAboutOurs: boolean;
  /** When it was signed, and the middle of its life, in milliseconds since the epoch. */
  signedAt: number;
  halfSpentAt: number;
}

export function createOcsp(
  deps: OcspDeps,
  settings: Pick<CaSettings, 'keyType' | 'ocspLifetime' | 'name'>,
): Ocsp {
  const { clock, authorities } = deps;
  const lifetimeMs = settings.ocspLifetime * 1000;
  const { standingOf, projection: statusCache } = createStatuses(deps);
  const delegates = createDelegates(deps, settings);
  let cached = new Map<string, SignedAnswer>();

  async function standings(
    { requests }: OcspRequest,
    issuerId: string,
  ): Promise<Map<string, CertificateStanding>> {
    const known = new Map<string, CertificateStanding>();
    for (const { serialNumber } of requests)
      known.set(serialNumber, await standingOf(serialNumber, issuerId));
    return known;
  }

  /**
   * The authority that answers. For certificates of others, the one in force answers that they are unknown.
   */
  async function intermediateFor(certId: CertId | undefined): Promise<Intermediate> {
    const { intermediates } = authorities.current();
    for (const intermediate of intermediates) {
      const { responder } = await delegates.of(intermediate);
      if (certId && responder.isFor(certId)) return intermediate;
    }
    return intermediates[0];
  }

  async function respond(request: OcspRequest): Promise<SignedAnswer> {
    const intermediate = await intermediateFor(request.requests[0]);
    const known = await standings(request, intermediate.id);
    // This comes last, so that a delegate that was revoked meanwhile does not sign.
    const { responder, serialNumber: signedBy, notAfter } = await delegates.of(intermediate);
    const now = clock.now();
    const all = [...known.values()];
    const nextUpdate = endOf(now, [
      now + lifetimeMs,
      notAfter,
      ...all.flatMap((each) => each.notAfter ?? []),
    ]);
    const der = responder.respond(request, {
      statusOf: (serialNumber) => alreadyRevoked(known.get(serialNumber)?.status ?? UNKNOWN, now),
      producedAt: new Date(now),
      thisUpdate: new Date(now),
      nextUpdate: new Date(nextUpdate),
    });
    const halfSpentAt = now + (nextUpdate - now) / 2;
    return {
      der,
      maxAgeSeconds: request.nonce ? 0 : Math.floor((halfSpentAt - now) / 1000),
      signedBy,
      isAboutOurs: all.every((each) => each.notAfter !== undefined),
      signedAt: now,
      halfSpentAt,
    };
  }

  /** Each cached answer is about one of our certificates, so their number limits the cache. */
  async function respondFromCache(request: OcspRequest): Promise<OcspAnswer> {
    const [certId, ...others] = request.requests;
    if (!certId || others.length > 0 || certId.certId.length > MAX_CACHED_CERT_ID_BYTES) {
      return respond(request);
    }
    const key = Buffer.from(certId.certId).toString('base64');
    // An answer that began before a revocation goes into the old map, which is no longer read.
    const answers = cached;
    const known = answers.get(key);
    const now = clock.now();
    if (known && known.signedAt <= now && now < known.halfSpentAt) {
      return { ...known, maxAgeSeconds: Math.floor((known.halfSpentAt - now) / 1000) };
    }
    const answer = await respond(request);
    if (!answer.isAboutOurs) return answer;
    if (answers.size >= ANSWERS_CACHED) answers.clear();
    answers.set(key, answer);
    return answer;
  }

  function forget(events: readonly CommittedEvent[]): void {
    for (const { subject } of events.filter(isRevocation)) {
      cached = new Map();
      delegates.forget(subject);
    }
  }

  return {
    async answer(octets) {
      const request = read(octets);
      if (!request) return { der: encodeOcspError('malformedRequest'), maxAgeSeconds: 0 };
      return request.nonce ? respond(request) : respondFromCache(request);
    },
    staple: (certificate, issuer) => respond(readOcspRequest(createOcspRequest({ certificate, issuer }))),
    projections: [
      statusCache,
      {
        name: 'OCSP answers',
        async build() {
          cached = new Map();
        },
        advance: forget,
      },
    ],
  };
}

/** The earliest expiry. If it is in the past, the answer is valid only at this moment. */
function endOf(now: number, ends: readonly number[]): number {
  return Math.max(now, Math.min(...ends));
}

function read(octets: Uint8Array): OcspRequest | undefined {
  try {
    return readOcspRequest(octets);
  } catch (error) {
    if (error instanceof X509Error) return undefined;
    throw error;
  }
}

/**
 * If the clock was ahead, the revocation has a future date, and some verifiers accept the certificate until
 * then.
 */
function alreadyRevoked(status: OcspStatus, now: number): OcspStatus {
  if (status.status !== 'revoked' || status.revokedAt.getTime() <= now) return status;
  return { ...status, revokedAt: new Date(now) };
}
