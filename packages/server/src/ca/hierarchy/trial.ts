// Trial certificates: before an intermediate from elsewhere is put in force, one certificate of every kind
// that it will sign is issued in memory, and its chain is verified as relying parties do (RFC 5280 §6).
// Refuses an intermediate whose extensions, or whose root's, make certificates of one kind useless.
import { randomBytes } from 'node:crypto';
import { GatehouseError } from '@gatehouse/access';
import type { ParsedCertificate, Signer, Subject, X509ErrorCode } from '@gatehouse/x509';
import {
  createIssuer,
  createOcspRequest,
  createOcspResponder,
  ocspResponderProfile,
  readOcspRequest,
  readOcspResponse,
  verifyCertificate,
  verifyOcspResponse,
  X509Error,
} from '@gatehouse/x509';
import { createInspection } from './lint.ts';
import { delegateSubject } from './subjects.ts';
import type { TrialKind, TrialNames, TrialSettings } from './trial-kinds.ts';
import { trialKinds } from './trial-kinds.ts';

export interface TrialChain {
  intermediate: ParsedCertificate;
  root: ParsedCertificate;
  /** Holds the intermediate's key. */
  signer: Signer;
  /** Milliseconds since the epoch. */
  now: number;
}

const TRIAL_LIFETIME_MS = 30_000;

/**
 * The reason why some kind of certificate would be useless below this intermediate; undefined when there is
 * none.
 */
export function trialFailure(chain: TrialChain, settings: TrialSettings): string | undefined {
  for (const kind of trialKinds(settings)) {
    const reason = failureOf(() => requireOneUseful(chain, kind));
    if (reason !== undefined) return `${kind.what} would not be valid: ${reason}`;
  }
  const reason = failureOf(() => requireOcspAnswer(chain, settings));
  return reason && `its answers to OCSP requests would not be valid: ${reason}`;
}

/** Which extension of the intermediate or of its root is to blame, and what it says. */
function failureOf(attempt: () => void): string | undefined {
  try {
    attempt();
    return undefined;
  } catch (error) {
    if (error instanceof GatehouseError) return error.message;
    if (!(error instanceof X509Error)) throw error;
    const extension = EXTENSION_TO_BLAME[error.code];
    return extension === undefined ? error.message : `${extension} forbids it (${error.message})`;
  }
}

const EXTENSION_TO_BLAME: Partial<Record<X509ErrorCode, string>> = {
  purpose_mismatch: 'extendedKeyUsage',
  name_constraint_violated: 'nameConstraints',
  path_length_exceeded: 'the path length in basicConstraints',
};

/** A profile is of use when one of its names can be certified. */
function requireOneUseful(chain: TrialChain, { candidates, ...kind }: TrialKind): void {
  let failure: unknown;
  for (const names of candidates) {
    try {
      requireUseful(chain, kind, names);
      return;
    } catch (error) {
      failure ??= error;
    }
  }
  throw failure;
}

function requireUseful(chain: TrialChain, kind: Omit<TrialKind, 'candidates'>, names: TrialNames): void {
  const { intermediate, root } = chain;
  const certificate = issueTrial(chain, kind.profile, names).der;
  const verification = { certificate, intermediates: intermediate, roots: root, at: new Date(chain.now) };
  for (const purpose of kind.purposes) verifyCertificate({ ...verification, purpose });
  for (const name of names.servers) verifyCertificate({ ...verification, name });
}

function issueTrial(
  { intermediate, root, signer, now }: TrialChain,
  profile: TrialKind['profile'],
  { subject, subjectAltNames }: { subject: Subject } & Pick<TrialNames, 'subjectAltNames'>,
) {
  const issuer = createIssuer({
    certificate: intermediate.der,
    chain: root.der,
    signer,
    randomBytes,
    inspect: createInspection(intermediate),
  });
  return issuer.issue({
    profile,
    subject,
    subjectAltNames,
    // Any key will do, and this one is there.
    publicKey: signer.publicKey,
    notBefore: new Date(now),
    notAfter: new Date(now + TRIAL_LIFETIME_MS),
  });
}

/**
 * An answer of a delegate about a certificate. A delegate is no end of a path: whether it may answer depends
 * on itself and on who signed it (RFC 6960 §4.2.2.2), not on the extendedKeyUsage of the authorities above
 * it.
 */
function requireOcspAnswer(chain: TrialChain, { organization }: TrialSettings): void {
  const { intermediate, root, signer, now } = chain;
  const at = new Date(now);
  const delegate = issueTrial(chain, ocspResponderProfile(), {
    subject: delegateSubject(organization),
    subjectAltNames: [],
  });
  verifyCertificate({ certificate: delegate.der, intermediates: intermediate, roots: root, at });
  const question = { certificate: delegate.der, issuer: intermediate.der };
  const responder = createOcspResponder({ certificate: delegate.der, issuer: intermediate.der, signer });
  const answer = responder.respond(readOcspRequest(createOcspRequest(question)), {
    statusOf: () => ({ status: 'good' }),
    thisUpdate: at,
    nextUpdate: new Date(now + TRIAL_LIFETIME_MS),
    producedAt: at,
  });
  verifyOcspResponse(readOcspResponse(answer), { ...question, at });
}
