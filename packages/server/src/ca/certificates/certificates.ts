// Certificates: checked, signed, recorded, found, revoked. Signing writes nothing. A certificate is valid for
// us, and the client gets it, only after its row and its ledger entry are on disk.
import { GatehouseError } from '@gatehouse/access';
import type { ParsedCertificate, ParsedRequest, RevocationReason } from '@gatehouse/x509';
import { readCertificate } from '@gatehouse/x509';
import type { Actor } from '../../platform/feed/events.ts';
import type { Tx } from '../../platform/store/database.ts';
import { issuedEvent, refusedEvent } from '../events.ts';
import type { StoredCertificate } from '../store/store.ts';
import type { CaSettings, Certificate, CertificateQuery } from '../types.ts';
import { requireUncompromised } from './compromised-keys.ts';
import { isSame, issuerOf, recoveredCertificate } from './recovery.ts';
import type { RevokingDeps } from './revoking.ts';
import { createRevoking, unknownCertificate } from './revoking.ts';
import type { SignedCertificate, SigningDeps, SigningOrder } from './signing.ts';
import { createSigning } from './signing.ts';

export interface Renewal {
  actor: Actor;
  /** A further check of the old certificate; throws if it fails. */
  requireRenewable?(old: StoredCertificate): void;
}

export interface Certificates {
  /**
   * Checks the order and signs; writes nothing. Throws `certificate_refused`, `clock_wrong`, or `not_found`
   * for an unknown profile.
   */
  sign(tx: Tx, order: SigningOrder): Promise<SignedCertificate>;
  /** Writes the inventory's row and the ledger's event, in the caller's transaction. */
  record(tx: Tx, signed: SignedCertificate, actor: Actor): Promise<void>;
  /** Signs and records, or records the refusal. Throws as `sign` does. */
  issue(order: SigningOrder, actor: Actor): Promise<Certificate>;
  /**
   * As `issue`, but calls `order` in the transaction that records the certificate, mainly to find its owner.
   */
  issueWithin(
    profile: string,
    actor: Actor,
    order: (tx: Tx) => Promise<Omit<SigningOrder, 'profile'>>,
  ): Promise<Certificate>;
  /** Whether certificates of this profile have an owner. Throws `not_found`. */
  isForClients(profile: string): boolean;
  /**
   * Issues a certificate for the same names, owner and lifetime, with the key of `request`. The transaction
   * that records it checks everything. Throws `not_found`, `conflict` if the old certificate was revoked, and
   * as `sign` does.
   */
  renew(serialNumber: string, request: ParsedRequest, renewal: Renewal): Promise<Certificate>;
  find(serialNumber: string): Promise<Certificate | undefined>;
  /**
   * A certificate that one of our authorities signed, also if the inventory lacks it; undefined for other
   * certificates.
   */
  findIssued(certificate: ParsedCertificate): Promise<Certificate | undefined>;
  list(query: CertificateQuery): Promise<Certificate[]>;
  /**
   * Resolves when the revocation list and every worker have the revocation. Throws `not_found`, and
   * `conflict` if it was already revoked.
   */
  revoke(serialNumber: string, reason: RevocationReason, actor: Actor): Promise<Certificate>;
  /**
   * As `revoke`, for any certificate (PEM) that one of our authorities signed, also if the inventory lacks
   * it. Throws `unprocessable` if the text is no certificate.
   */
  revokeCertificate(pem: string, reason: RevocationReason, actor: Actor): Promise<Certificate>;
}

export type CertificatesDeps = RevokingDeps & SigningDeps;

// A holder who renews in time has renewed before that.
const WARN_AFTER = 0.9;

export function createCertificates(
  deps: CertificatesDeps,
  settings: Pick<CaSettings, 'profiles' | 'trustDomain'>,
): Certificates {
  const { database, store, events, clock, authorities } = deps;
  const signing = createSigning(deps, settings);
  const revoking = createRevoking(deps);

  const sign: Certificates['sign'] = async (tx, order) => {
    await requireUncompromised(tx, store, order.request.spki);
    return signing.sign(order);
  };

  async function record(tx: Tx, signed: SignedCertificate, actor: Actor): Promise<void> {
    const { notBefore, notAfter } = signed;
    await store.insertCertificate(tx, {
      ...signed,
      notBefore: notBefore.getTime(),
      notAfter: notAfter.getTime(),
      owner: signed.owner,
      revokedAt: undefined,
      reason: undefined,
      warnAt: notBefore.getTime() + (notAfter.getTime() - notBefore.getTime()) * WARN_AFTER,
    });
    await events.publish(tx, issuedEvent(signed, actor));
  }

  /** The ledger has a refusal before the answer. */
  async function recordingRefusal<T>(profile: string, actor: Actor, attempt: () => Promise<T>): Promise<T> {
    try {
      return await attempt();
    } catch (error) {
      if (error instanceof GatehouseError && error.code === 'certificate_refused') {
        const event = refusedEvent({ profile, reason: error.message }, actor);
        await database.write((tx) => events.publish(tx, event));
      }
      throw error;
    }
  }

  function present(stored: StoredCertificate): Certificate {
    const { issuerId, warnAt: _, notBefore, notAfter, ...rest } = stored;
    const issuer = authorities.current().intermediates.find(({ id }) => id === issuerId);
    return {
      ...rest,
      notBefore: new Date(notBefore),
      notAfter: new Date(notAfter),
      chain: stored.pem + (issuer?.pem ?? ''),
      issuerKeyId: readCertificate(stored.pem).authorityKeyIdentifier ?? issuerId,
    };
  }

  const issue: Certificates['issue'] = (order, actor) =>
    recordingRefusal(order.profile, actor, async () => {
      // This runs before its turn to write, so that others do not wait for its signature.
      const signed = signing.sign(order);
      return database.write(async (tx) => {
        await requireUncompromised(tx, store, order.request.spki);
        await record(tx, signed, actor);
        return signed;
      });
    });

  const issueWithin: Certificates['issueWithin'] = (profile, actor, order) =>
    recordingRefusal(profile, actor, () =>
      database.write(async (tx) => {
        const signed = await sign(tx, { ...(await order(tx)), profile });
        await record(tx, signed, actor);
        return signed;
      }),
    );

  return {
    sign,
    record,
    issue,
    issueWithin,
    isForClients: signing.isForClients,
    async renew(serialNumber, request, { actor, requireRenewable: requireMore }) {
      const { profile } = requireRenewable(
        await store.certificate(database.read, serialNumber),
        serialNumber,
      );
      return issueWithin(profile, actor, async (tx) => {
        const old = requireRenewable(await store.certificate(tx, serialNumber), serialNumber);
        requireMore?.(old);
        const { names, owner, source, notAfter } = old;
        const lifetimeMs = notAfter - Math.max(old.issuedAt, old.notBefore);
        return { request, names, owner, source, lifetimeMs, renews: serialNumber };
      });
    },
    async find(serialNumber) {
      const stored = await store.certificate(database.read, serialNumber);
      return stored && present(stored);
    },
    async findIssued(certificate) {
      const stored = await store.certificate(database.read, certificate.serialNumber);
      if (stored) return isSame(stored, certificate) ? present(stored) : undefined;
      const issuerId = issuerOf(certificate, await store.hierarchy(database.read));
      return issuerId === undefined ? undefined : present(recoveredCertificate(certificate, issuerId));
    },
    async list(query) {
      return (await store.certificates(database.read, query, clock.now())).map(present);
    },
    async revoke(serialNumber, reason, actor) {
      return present(await revoking.bySerialNumber(serialNumber, { reason, actor }));
    },
    async revokeCertificate(pem, reason, actor) {
      return present(await revoking.byCertificate(pem, { reason, actor }));
    },
  };
}

function requireRenewable(stored: StoredCertificate | undefined, serialNumber: string): StoredCertificate {
  if (!stored) throw unknownCertificate(serialNumber);
  if (stored.revokedAt === undefined) return stored;
  throw new GatehouseError('conflict', 'A revoked certificate cannot be renewed: ask for a new one.');
}
