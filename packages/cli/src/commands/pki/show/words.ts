// The output of `pki show` for people: a heading for each object, and a line for each fact.
import { cell, visible } from '../../../output/print.ts';
import { shortTime, span } from '../../../output/times.ts';
import type {
  CertificateFacts,
  publicKeyFacts,
  requestFacts,
  revocationListFacts,
} from '../certificate-facts.ts';

type RequestFacts = ReturnType<typeof requestFacts>;
type RevocationListFacts = ReturnType<typeof revocationListFacts>;
type PublicKeyFacts = ReturnType<typeof publicKeyFacts>;

/** One object of a file. The JSON form is the same. */
export type FileObject =
  | CertificateFacts
  | RequestFacts
  | RevocationListFacts
  | { kind: 'publicKey'; key: PublicKeyFacts }
  | { kind: 'privateKey'; key: PublicKeyFacts }
  /** Encrypted, without its passphrase. */
  | { kind: 'privateKey'; isEncrypted: true; key: null }
  /** A PEM block of another kind. */
  | { kind: 'other'; label: string };

export function inWords(objects: readonly FileObject[], now: Date): string {
  return objects
    .map((object, index) => {
      const number = objects.length === 1 ? '' : ` (${index + 1} of ${objects.length})`;
      const lines = linesOf(object, now).map(([name, value]) => `  ${name.padEnd(WIDTH)}${cell(value)}`);
      return [`${titleOf(object)}${number}`, ...lines].join('\n');
    })
    .join('\n\n');
}

type Line = [name: string, value: unknown];

const WIDTH = 21;
/** The JSON form has all entries. */
const MAX_REVOKED = 100;

function titleOf(object: FileObject): string {
  switch (object.kind) {
    case 'certificate':
      return object.isCa ? 'Certificate of an authority' : 'Certificate';
    case 'request':
      return 'Certificate request';
    case 'revocationList':
      return 'Revocation list';
    case 'publicKey':
      return 'Public key';
    case 'privateKey':
      return 'Private key';
    case 'other':
      return visible(object.label);
  }
}

function linesOf(object: FileObject, now: Date): Line[] {
  switch (object.kind) {
    case 'certificate':
      return certificateLines(object, now);
    case 'request':
      return requestLines(object);
    case 'revocationList':
      return revocationListLines(object, now);
    case 'publicKey':
      return keyLines(object.key);
    case 'privateKey':
      return object.key === null
        ? [['encrypted', 'give --passphrase-file to see its kind']]
        : keyLines(object.key);
    case 'other':
      return [['not read', 'of a kind that this command does not know']];
  }
}

function certificateLines(facts: CertificateFacts, now: Date): Line[] {
  return [
    ['subject', facts.subject],
    ['issuer', facts.issuer === facts.subject ? 'itself' : facts.issuer],
    ['names', facts.names],
    ['valid', `${shortTime(facts.notBefore)} to ${shortTime(facts.notAfter)} (${age(facts, now)})`],
    ['serial number', facts.serialNumber],
    ...keyLines(facts.key),
    ['signed with', facts.signatureAlgorithm],
    ['key usage', facts.keyUsage ?? 'any'],
    ['purposes', facts.extendedKeyUsage ?? 'any'],
    ...only('path length', facts.pathLength),
    ...only('may name', facts.nameConstraints?.permitted),
    ...only('may not name', facts.nameConstraints?.excluded),
    ...only('revocation list', facts.crlUrls),
    ...only('OCSP', facts.ocspUrls),
    ...only("issuer's certificate", facts.issuerUrls),
    ...only('unknown, critical', facts.uninterpretedCritical),
    ['SHA-256', facts.sha256],
  ];
}

function requestLines(facts: RequestFacts): Line[] {
  return [
    ['subject', facts.subject],
    ['names', facts.names],
    ...keyLines(facts.key),
    ['signed with', facts.signatureAlgorithm],
    ['signature', signatureInWords(facts)],
    ['asks for', facts.requestedExtensions],
  ];
}

function signatureInWords({ isSignedByItsKey, notChecked }: RequestFacts): string {
  if (isSignedByItsKey === null) return `not checked: ${notChecked}`;
  return isSignedByItsKey ? 'valid: the sender has the private key' : 'not valid';
}

function revocationListLines(facts: RevocationListFacts, now: Date): Line[] {
  const isStale = facts.nextUpdate !== null && Date.parse(facts.nextUpdate) <= now.getTime();
  const printed = facts.revoked.slice(0, MAX_REVOKED);
  const rest = facts.revoked.length - printed.length;
  return [
    ['issuer', facts.issuer],
    ['number', facts.number],
    ['made', shortTime(facts.thisUpdate)],
    ['next', `${shortTime(facts.nextUpdate) ?? 'not given'}${isStale ? ' (stale)' : ''}`],
    ...only('for', facts.distributionPoint),
    ['signed with', facts.signatureAlgorithm],
    ...only('unknown, critical', facts.uninterpretedCritical),
    ['revoked', facts.revoked.length],
    ...printed.map(
      ({ serialNumber, revokedAt, reason }): Line => [
        '',
        `${serialNumber}  ${shortTime(revokedAt)}  ${reason}`,
      ],
    ),
    ...(rest === 0 ? [] : [['', `and ${rest} more; --json prints all`] satisfies Line]),
  ];
}

function keyLines({ type, pin }: PublicKeyFacts): Line[] {
  return [
    ['key', type],
    ['key pin', pin],
  ];
}

/** No line if there is no value. */
function only(name: string, value: unknown): Line[] {
  const isEmpty = value === null || value === undefined || (Array.isArray(value) && value.length === 0);
  return isEmpty ? [] : [[name, value]];
}

function age({ notBefore, notAfter }: CertificateFacts, now: Date): string {
  const nowMs = now.getTime();
  if (nowMs < Date.parse(notBefore)) return 'not yet';
  const leftMs = Date.parse(notAfter) - nowMs;
  return leftMs < 0 ? `expired ${span(-leftMs)} ago` : `${span(leftMs)} left`;
}
