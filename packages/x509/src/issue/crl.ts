// Signs revocation lists, version 2 (RFC 5280 §5). The entries are encoded in advance, so signing a long list
// takes little longer than signing an empty one. Refuses issuers that may not sign lists, keys of others, and
// dates that are not in order.
import { encodeDer, explicit, integer, sequence, time } from '../der/write.ts';
import { X509Error } from '../errors.ts';
import { encodeSignatureAlgorithm, type Signer } from '../keys/signer.ts';
import type { ParsedCertificate } from '../read/parse-certificate.ts';
import { encodePem } from '../read/pem.ts';
import { type RevocationReason, reasonToWrite } from '../revocation-reason.ts';
import { serialNumberInteger } from '../serial-number.ts';
import { encodeSigned } from '../signed.ts';
import { keyIdentifierOf, requireOwnKey } from './authority.ts';
import { authorityKeyIdentifier, cRLNumber, issuingDistributionPoint, reasonCode } from './extensions.ts';

/** A revoked certificate. */
export interface Revocation {
  /** Lower-case hex. */
  readonly serialNumber: string;
  readonly revokedAt: Date;
  /** The list does not contain the reason `unspecified` (RFC 5280 §5.3.1). */
  readonly reason?: RevocationReason | undefined;
}

/** A list to sign. Lists have whole seconds: fractions of the dates are dropped. */
export interface RevocationListTemplate {
  readonly issuer: ParsedCertificate;
  /** The signer with the issuer's key. */
  readonly signer: Signer;
  /**
   * Greater than the number of every earlier list of this issuer, and at most 20 octets long (RFC 5280
   * §5.2.3).
   */
  readonly number: bigint;
  readonly thisUpdate: Date;
  readonly nextUpdate: Date;
  /**
   * The `http://` URL of this list, as in the certificates. It becomes the critical issuingDistributionPoint,
   * which NSS does not read. Leave it out for a list of everything that the issuer signed (RFC 5280 §5.2.5).
   */
  readonly distributionPoint?: string;
  /** The octets of `encodeRevokedEntry`, in any order. Several entries in one buffer save a copy. */
  readonly entries: readonly Uint8Array[] | Uint8Array;
}

/** A new list. */
export interface SignedRevocationList {
  readonly der: Uint8Array;
  /** Created each time it is read. */
  readonly pem: string;
}

/**
 * Encodes one entry of a list. Encode it once and store it for the next lists.
 * @throws TypeError for a serial number that is not hex
 * @example
 * const entry = encodeRevokedEntry({ serialNumber, revokedAt: new Date(), reason: 'superseded' });
 */
export function encodeRevokedEntry({ serialNumber, revokedAt, reason }: Revocation): Uint8Array {
  const code = reasonToWrite(reason);
  const extensions = code === undefined ? [] : [sequence(reasonCode(code))];
  return encodeDer(sequence(serialNumberInteger(serialNumber), time(revokedAt), ...extensions));
}

/**
 * Signs a complete list of the certificates that an issuer has revoked.
 * @throws X509Error `issuer_invalid`, `validity_invalid`, or `general_name_invalid` for the distribution
 * point
 * @example
 * const list = { issuer, signer, number: 7n, thisUpdate, nextUpdate, entries: [entry] };
 * const { pem } = signRevocationList(list);
 */
export function signRevocationList(template: RevocationListTemplate): SignedRevocationList {
  const { issuer, signer, thisUpdate, nextUpdate } = template;
  requireListIssuer(issuer, signer);
  if (!(thisUpdate.getTime() < nextUpdate.getTime())) {
    throw new X509Error('validity_invalid', 'thisUpdate must be before nextUpdate (RFC 5280 §5.1.2.5)');
  }
  const tbs = sequence(
    VERSION_2,
    encodeSignatureAlgorithm(signer.algorithm),
    issuer.subject.der,
    time(thisUpdate),
    time(nextUpdate),
    ...revokedCertificates(template),
    explicit(EXTENSIONS_NUMBER, sequence(...listExtensions(template))),
  );
  const der = encodeSigned(encodeDer(tbs), signer);
  return {
    der,
    get pem() {
      return encodePem('X509 CRL', der);
    },
  };
}

const VERSION_2 = encodeDer(integer(1));
const EXTENSIONS_NUMBER = 0;
const NUMBER_LIMIT = 1n << 159n;

/** The field is absent if nothing is revoked (RFC 5280 §5.1.2.6). */
function revokedCertificates({ entries }: RevocationListTemplate) {
  const octets = entries instanceof Uint8Array ? entries : Buffer.concat(entries);
  return octets.length === 0 ? [] : [sequence(octets)];
}

function listExtensions({ issuer, number, distributionPoint }: RevocationListTemplate) {
  if (number < 0n || number >= NUMBER_LIMIT) throw new TypeError('a list has a number of at most 20 octets');
  const extensions = [authorityKeyIdentifier(keyIdentifierOf(issuer)), cRLNumber(number)];
  return distributionPoint === undefined
    ? extensions
    : [...extensions, issuingDistributionPoint(distributionPoint)];
}

function requireListIssuer(issuer: ParsedCertificate, signer: Signer): void {
  if (!issuer.isCa || issuer.keyUsage?.includes('cRLSign') === false) {
    throw new X509Error('issuer_invalid', 'the issuer may not sign revocation lists (RFC 5280 §4.2.1.3)');
  }
  requireOwnKey(issuer, signer);
}
