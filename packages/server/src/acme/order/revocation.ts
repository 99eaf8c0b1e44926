// Revocation (RFC 8555 §7.6), by the certificate's own key, by the account that it was issued to, or by an
// account that has authorizations for all its names. Refuses a certificate that differs from ours in any
// octet, because a serial number alone proves nothing.
import type { Clock } from '@gatehouse/access';
import { GatehouseError } from '@gatehouse/access';
import type { ParsedCertificate, RevocationReason } from '@gatehouse/x509';
import { readCertificate, X509Error } from '@gatehouse/x509';
import { z } from 'zod';
import type { Certificate } from '../../ca/index.ts';
import type { Actor } from '../../platform/feed/events.ts';
import type { Database } from '../../platform/store/database.ts';
import { actorOfAccount } from '../events.ts';
import { AcmeError } from '../problem.ts';
import type { SignedRequest } from '../request/gate.ts';
import { decode } from '../request/jws.ts';
import { readPayload } from '../request/reply.ts';
import type { AcmeStore } from '../store/store.ts';
import type { Account, AcmeCertificates } from '../types.ts';

export interface RevocationDeps {
  database: Database;
  store: AcmeStore;
  clock: Clock;
  certificates: AcmeCertificates;
}

/**
 * The reasons that a subscriber can know (RFC 5280 §5.3.1). The others are for authorities, or can be undone.
 */
const REASONS: ReadonlyMap<number, RevocationReason> = new Map([
  [0, 'unspecified'],
  [1, 'keyCompromise'],
  [3, 'affiliationChanged'],
  [4, 'superseded'],
  [5, 'cessationOfOperation'],
  [9, 'privilegeWithdrawn'],
]);

const revocation = z.object({
  certificate: z.string('must be a text'),
  reason: z.number('must be a number').default(0),
});

/**
 * Resolves when the revocation is in force. Throws `alreadyRevoked`, `badRevocationReason`, `malformed`,
 * `unauthorized`.
 */
export async function revokeCertificate(
  request: SignedRequest & { account?: Account },
  deps: RevocationDeps,
): Promise<void> {
  const { account, call } = request;
  const { certificate: text, reason: code } = readPayload(revocation, request);
  const reason = REASONS.get(code);
  if (reason === undefined) {
    throw new AcmeError(
      'badRevocationReason',
      `Reasons are ${[...REASONS.keys()].join(', ')} (RFC 5280 §5.3.1).`,
    );
  }
  const der = decode(text, 'certificate');
  const parsed = readPresentedCertificate(der);
  const certificate = await deps.certificates.findIssued(parsed);
  if (!certificate) throw new AcmeError('malformed', 'The certificate was not issued here.', { status: 404 });
  const mayRevoke = account
    ? await hasAuthority(account, { certificate, presented: parsed }, deps)
    : Buffer.compare(parsed.spki, request.key.spki) === 0;
  if (!mayRevoke) throw new AcmeError('unauthorized', refusalDetail(account));
  const actor: Actor = account
    ? actorOfAccount(account, call.address)
    : { kind: 'anonymous', name: 'holder of the certificate key', address: call.address };
  await revoke(certificate, reason, { actor, certificates: deps.certificates });
}

function readPresentedCertificate(der: Uint8Array): ParsedCertificate {
  try {
    return readCertificate(der);
  } catch (error) {
    if (!(error instanceof X509Error)) throw error;
    throw new AcmeError('malformed', `The certificate cannot be read: ${error.message}.`, { cause: error });
  }
}

async function hasAuthority(
  { id: accountId }: Account,
  { certificate, presented }: { certificate: Certificate; presented: ParsedCertificate },
  { database, store, clock }: RevocationDeps,
): Promise<boolean> {
  const order = await store.orderOfCertificate(database.read, certificate.serialNumber);
  if (order?.accountId === accountId) return true;
  // A certificate of a user or service belongs to them, even if a host has the same name.
  if (certificate.owner) return false;
  const names = validatedNames(presented);
  const held = await Promise.all(
    names.map((name) =>
      store.validAuthorization(database.read, { accountId, name }, { expiresAfter: clock.now() }),
    ),
  );
  return held.length > 0 && held.every((authorization) => authorization !== undefined);
}

/** The names that need an authorization; an empty list if the certificate also has other kinds of names. */
function validatedNames({ subjectAltNames }: ParsedCertificate): string[] {
  const names = subjectAltNames.flatMap((name) =>
    name.type === 'dNSName' || name.type === 'iPAddress' ? [name.value.toLowerCase()] : [],
  );
  return names.length === subjectAltNames.length ? names : [];
}

async function revoke(
  { pem, revokedAt }: Certificate,
  reason: RevocationReason,
  { actor, certificates }: { actor: Actor; certificates: AcmeCertificates },
): Promise<void> {
  if (revokedAt !== undefined) throw alreadyRevoked();
  try {
    await certificates.revokeCertificate(pem, reason, actor);
  } catch (error) {
    // Another request may have revoked it meanwhile.
    if (error instanceof GatehouseError && error.code === 'conflict') throw alreadyRevoked(error);
    throw error;
  }
}

function alreadyRevoked(cause?: unknown): AcmeError {
  return new AcmeError('alreadyRevoked', 'The certificate is already revoked.', { cause });
}

function refusalDetail(account: Account | undefined): string {
  return account
    ? 'The certificate was issued to another account, and this account does not have authorizations for all its names.'
    : 'The request is not signed with the key of the certificate.';
}
