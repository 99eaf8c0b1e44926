// Trial certificates: before an intermediate from elsewhere is put in force, one certificate of every kind
// that it will sign is issued in memory, and its chain is verified as relying parties do (RFC 5280 §6).
// Refuses an intermediate if its extensions, or those of its root, make a kind of certificate useless.
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
  /** Has the intermediate's key. */
  signer: Signer;
  /** Milliseconds since the epoch. */
  now: number;
}

const TRIAL_LIFETIME_MS = 30_000;

/** Why a kind of certificate would be useless below this intermediate; undefined if all are valid. */
export function trialFailure(chain: TrialChain, settings: TrialSettings): string | undefined {
  for (const kind of trialKinds(settings)) {
    const reason = failureOf(() => requireOneUseful(chain, kind));
    if (reason !== undefined) return `${kind.what} would not be valid: ${reason}`;
  }
  const reason = failureOf(() => requireOcspAnswer(chain, settings));
  return reason && `its answers to OCSP requests would not be valid: ${reason}`;
}

/** The extension of the intermediate or of its root that is the cause, with its value. */
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

/** A profile is useful if one of its names can be certified. */
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
    // Any key can be used here, and this one exists already.
    publicKey: signer.publicKey,
    notBefore: new Date(now),
    notAfter: new Date(now + TRIAL_LIFETIME_MS),
  });
}

/**
 * A delegate's answer about a certificate. A delegate is not the end of a path. Its right to answer depends
 * on its own certificate and its signer (RFC 6960 §4.2.2.2), not on the extendedKeyUsage of the authorities
 * above.
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
