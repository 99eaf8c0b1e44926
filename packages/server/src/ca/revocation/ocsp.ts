// The OCSP responder (RFC 6960, RFC 5019): answers for every certificate of the inventory, signed by a delegate of its issuer
// that lives a week and whose key is never written. Answers without a nonce are kept and given again until they are half spent.
import { createPublicKey, randomBytes } from 'node:crypto';
import type { CertId, OcspRequest, OcspResponder, OcspStatus } from '@gatehouse/x509';
import {
  createIssuer,
  createOcspRequest,
  createOcspResponder,
  encodeOcspError,
  encodeSpki,
  generatePrivateKey,
  ocspResponderProfile,
  readOcspRequest,
  signerFromKey,
  X509Error,
} from '@gatehouse/x509';
import type { Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/database.ts';
import type { Events } from '../../platform/events.ts';
import { BACKDATE_MS } from '../backdate.ts';
import { recordOwn } from '../certificates/inventory.ts';
import type { Authorities } from '../hierarchy/authorities.ts';
import type { Intermediate } from '../hierarchy/hierarchy.ts';
import { createInspection } from '../hierarchy/lint.ts';
import type { CaStore } from '../store/store.ts';
import type { CaSettings } from '../types.ts';
import { createStatuses } from './statuses.ts';

export interface OcspAnswer {
  der: Uint8Array;
  /** How long it may be kept; 0 for an answer to this one request. */
  maxAgeSeconds: number;
}

export interface Ocsp {
  /** Answers any octets; what is no request gets the error of RFC 6960 §4.2.1. */
  answer(request: Uint8Array): Promise<OcspAnswer>;
  /** The answer for one certificate of ours, to be stapled (RFC 6066 §8). PEM of it and of its issuer. */
  staple(certificate: string, issuer: string): Promise<OcspAnswer>;
  /** Forgets the answers that were kept: a certificate was revoked. */
  forget(): void;
}

export interface OcspDeps {
  database: Database;
  store: CaStore;
  events: Events;
  clock: Clock;
  authorities: Authorities;
}

const RESPONDER_LIFETIME_MS = 7 * 86_400_000;
const RENEW_AFTER = 2 / 3;
const ANSWERS_KEPT = 10_000;
// With SHA-256 and the longest serial number a CertID has 108 octets.
const MAX_KEPT_CERT_ID_BYTES = 128;

interface Delegate {
  responder: OcspResponder;
  renewAt: number;
}

export function createOcsp(
  deps: OcspDeps,
  settings: Pick<CaSettings, 'keyType' | 'ocspLifetime' | 'name'>,
): Ocsp {
  const { store, clock, authorities } = deps;
  const lifetimeMs = settings.ocspLifetime * 1000;
  const statusOf = createStatuses(deps);
  const delegates = new Map<string, Promise<Delegate>>();
  let kept = new Map<string, { answer: OcspAnswer; until: number }>();

  async function delegateOf(intermediate: Intermediate): Promise<OcspResponder> {
    const known = await delegates.get(intermediate.id);
    if (known && known.renewAt > clock.now()) return known.responder;
    const created = createDelegate(deps, settings, intermediate);
    delegates.set(intermediate.id, created);
    created.catch(() => delegates.delete(intermediate.id));
    return (await created).responder;
  }

  async function statuses(request: OcspRequest, issuerId: string): Promise<Map<string, OcspStatus>> {
    const known = new Map<string, OcspStatus>();
    for (const { serialNumber } of request.requests) {
      known.set(serialNumber, await statusOf(serialNumber, issuerId));
    }
    return known;
  }

  /** Whoever is asked about others' certificates answers that they are unknown. */
  async function responderFor(certId: CertId | undefined) {
    const { intermediates } = authorities.current();
    for (const intermediate of intermediates) {
      const responder = await delegateOf(intermediate);
      if (certId && responder.isFor(certId)) return { responder, intermediate };
    }
    return { responder: await delegateOf(intermediates[0]), intermediate: intermediates[0] };
  }

  async function respond(request: OcspRequest): Promise<OcspAnswer> {
    const { responder, intermediate } = await responderFor(request.requests[0]);
    const known = await statuses(request, intermediate.id);
    const now = clock.now();
    const der = responder.respond(request, {
      statusOf: (serialNumber) => known.get(serialNumber) ?? { status: 'unknown' },
      producedAt: new Date(now),
      thisUpdate: new Date(now),
      nextUpdate: new Date(now + lifetimeMs),
    });
    return { der, maxAgeSeconds: request.nonce ? 0 : Math.floor(settings.ocspLifetime / 2) };
  }

  /** What is kept is bounded by our own certificates: an answer about one of them alone. */
  async function respondFromKept(request: OcspRequest): Promise<OcspAnswer> {
    const [certId, ...others] = request.requests;
    if (!certId || others.length > 0 || certId.certId.length > MAX_KEPT_CERT_ID_BYTES)
      return respond(request);
    const key = Buffer.from(certId.certId).toString('base64');
    // An answer that was begun before a revocation is put where nobody looks any longer.
    const keeping = kept;
    const known = keeping.get(key);
    const now = clock.now();
    if (known && known.until > now) {
      return { ...known.answer, maxAgeSeconds: Math.floor((known.until - now) / 1000) };
    }
    const answer = await respond(request);
    if ((await store.revocation(certId.serialNumber)) === undefined) return answer;
    if (keeping.size >= ANSWERS_KEPT) keeping.clear();
    keeping.set(key, { answer, until: now + lifetimeMs / 2 });
    return answer;
  }

  function read(octets: Uint8Array): OcspRequest | undefined {
    try {
      return readOcspRequest(octets);
    } catch (error) {
      if (error instanceof X509Error) return undefined;
      throw error;
    }
  }

  return {
    async answer(octets) {
      const request = read(octets);
      if (!request) return { der: encodeOcspError('malformedRequest'), maxAgeSeconds: 0 };
      return request.nonce ? respond(request) : respondFromKept(request);
    },
    staple: (certificate, issuer) => respond(readOcspRequest(createOcspRequest({ certificate, issuer }))),
    forget() {
      kept = new Map();
    },
  };
}

async function createDelegate(
  deps: OcspDeps,
  { keyType, name }: Pick<CaSettings, 'keyType' | 'name'>,
  { id, pem, signer, certificate }: Intermediate,
): Promise<Delegate> {
  const now = deps.clock.now();
  const key = generatePrivateKey(keyType);
  const issuer = createIssuer({
    certificate: pem,
    signer,
    randomBytes,
    inspect: createInspection(certificate),
  });
  const issued = issuer.issue({
    profile: ocspResponderProfile(),
    subject: { organization: name, commonName: `${name} OCSP` },
    publicKey: encodeSpki(createPublicKey(key)),
    notBefore: new Date(Math.max(now - BACKDATE_MS, certificate.notBefore.getTime())),
    notAfter: new Date(Math.min(now + RESPONDER_LIFETIME_MS, certificate.notAfter.getTime())),
  });
  await deps.database.write((tx) =>
    recordOwn(deps, tx, { certificate: issued, profile: 'ocsp', issuerId: id }),
  );
  return {
    responder: createOcspResponder({ certificate: issued.pem, issuer: pem, signer: signerFromKey(key) }),
    renewAt: now + (issued.notAfter.getTime() - now) * RENEW_AFTER,
  };
}
