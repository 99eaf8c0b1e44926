// Signing revocation lists, version 2 (RFC 5280 §5). Entries are octets made beforehand: a list of many costs little more to
// sign than an empty one. Refuses issuers that may not sign lists, other keys than the issuer's, and dates out of order.

import { encodeDer, explicit, integer, sequence, time } from '../der/write.ts';
import { X509Error } from '../errors.ts';
import { authorityKeyIdentifier, cRLNumber, issuingDistributionPoint, reasonCode } from '../extensions.ts';
import { encodeSignatureAlgorithm, type Signer } from '../keys/signer.ts';
import type { ParsedCertificate } from '../read/parse-certificate.ts';
import { encodePem } from '../read/pem.ts';
import { type RevocationReason, reasonToWrite } from '../revocation-reason.ts';
import { encodeSigned } from '../signed.ts';
import { keyIdentifierOf, requireOwnKey } from './authority.ts';
import { serialNumberInteger } from './serial-number.ts';

/** One revoked certificate. */
export interface Revocation {
  /** Lower-case hex. */
  readonly serialNumber: string;
  readonly revokedAt: Date;
  /** `unspecified` is left out of the list (RFC 5280 §5.3.1). */
  readonly reason?: RevocationReason | undefined;
}

/** A list to be. It counts whole seconds: fractions of the dates are dropped. */
export interface RevocationListTemplate {
  readonly issuer: ParsedCertificate;
  /** Holds the issuer's key. */
  readonly signer: Signer;
  /** Greater than that of every earlier list of this issuer; at most 20 octets (RFC 5280 §5.2.3). */
  readonly number: bigint;
  readonly thisUpdate: Date;
  readonly nextUpdate: Date;
  /** The `http://` URL at which certificates say that this list is found. Without it, the list is for certificates that name none. */
  readonly distributionPoint?: string;
  /** Octets of `encodeRevokedEntry`: one by one in any order, or already joined, which spares the copying. */
  readonly entries: readonly Uint8Array[] | Uint8Array;
}

/** A list that was just signed. */
export interface SignedRevocationList {
  readonly der: Uint8Array;
  /** Made at each reading. */
  readonly pem: string;
}

/**
 * One entry of a list, to be made once and kept.
 * @throws TypeError for a serial number that is not hex
 */
export function encodeRevokedEntry({ serialNumber, revokedAt, reason }: Revocation): Uint8Array {
  const code = reasonToWrite(reason);
  const extensions = code === undefined ? [] : [sequence(reasonCode(code))];
  return encodeDer(sequence(serialNumberInteger(serialNumber), time(revokedAt), ...extensions));
}

/**
 * Signs a complete list of what an issuer has revoked.
 * @throws X509Error `issuer_invalid`, `validity_invalid`, or `general_name_invalid` for the distribution point
 */
export function signRevocationList(template: RevocationListTemplate): SignedRevocationList {
  const { issuer, signer, thisUpdate, nextUpdate } = template;
  requireListIssuer(issuer, signer);
  if (!(thisUpdate.getTime() < nextUpdate.getTime())) {
    throw new X509Error('validity_invalid', 'thisUpdate must come before nextUpdate (RFC 5280 §5.1.2.5)');
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

/** The field is absent where nothing is revoked (RFC 5280 §5.1.2.6). */
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
