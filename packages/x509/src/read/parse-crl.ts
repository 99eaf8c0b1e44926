// Reads revocation lists (RFC 5280 §5) from DER or PEM. `verify/` checks signatures and dates. Refuses input
// that is not DER, extensions below version 2, and unknown reasons. Reports every limit of a list.
import { readAlgorithm } from '../algorithm.ts';
import { type DerReader, readDer } from '../der/read.ts';
import { CONSTRUCTED, CONTEXT_SPECIFIC, TAG } from '../der/tags.ts';
import { DerError } from '../errors.ts';
import { readGeneralName } from '../names/general-name.ts';
import { type DistinguishedName, readName } from '../names/name.ts';
import { LIST_EXTENSION } from '../oids.ts';
import { type RevocationReason, readReason } from '../revocation-reason.ts';
import { readSerialNumber } from '../serial-number.ts';
import { readSigned, requireSameAlgorithm } from '../signed.ts';
import type { SignedOctets } from '../verify/verify-signature.ts';
import { type ExtensionReader, type ReadExtensions, readExtensionList } from './extension-list.ts';
import { readAuthorityKeyIdentifier } from './parse-extensions.ts';
import { derOf } from './pem-or-der.ts';

/** When and why one certificate was revoked. */
export interface RevokedCertificate {
  readonly revokedAt: Date;
  readonly reason: RevocationReason;
}

/** The contents of a list. Octets are views of one private copy of the input. */
export interface ParsedRevocationList extends SignedOctets, ReadExtensions {
  readonly der: Uint8Array;
  readonly issuer: DistinguishedName;
  readonly number?: bigint;
  readonly thisUpdate: Date;
  readonly nextUpdate?: Date;
  /** Lower-case hex. */
  readonly authorityKeyIdentifier?: string;
  /**
   * A URL: the list covers only certificates with this distribution point. Without it, the list covers all
   * certificates of its issuer.
   */
  readonly distributionPoint?: string;
  /** By serial number in lower-case hex. */
  readonly revoked: ReadonlyMap<string, RevokedCertificate>;
}

/**
 * Reads one revocation list of at most 64 MiB: DER octets, or PEM as text or octets. `uninterpretedCritical`
 * also lists extensions of entries, and issuingDistributionPoint if it limits the list further.
 * @throws DerError, X509Error `pem_invalid` or `pem_too_large` for PEM that does not contain exactly one list
 * @example
 * const isRevoked = readRevocationList(readFileSync('ca.crl')).revoked.has(certificate.serialNumber);
 */
export function readRevocationList(pemOrDer: string | Uint8Array): ParsedRevocationList {
  const der = derOf(pemOrDer, ['X509 CRL'], { maxBytes: MAX_PEM_BYTES });
  const { algorithm, ...list } = readDer(der, (reader) => readSigned(reader, readTbs));
  requireSameAlgorithm(algorithm, list);
  return { der, ...list };
}

type Tbs = Omit<ParsedRevocationList, 'der' | keyof SignedOctets> & { readonly algorithm: Uint8Array };
type ListExtensions = Pick<ParsedRevocationList, 'number' | 'authorityKeyIdentifier' | 'distributionPoint'>;
type EntryExtensions = Partial<Pick<RevokedCertificate, 'reason'>>;

const MAX_PEM_BYTES = 64 * 1024 * 1024;
const VERSION_2 = 1;
const EXTENSIONS_TAG = CONTEXT_SPECIFIC | CONSTRUCTED | 0;
const POINT_TAG = CONTEXT_SPECIFIC | CONSTRUCTED | 0;
const FULL_NAME_TAG = CONTEXT_SPECIFIC | CONSTRUCTED | 0;
const TIME_TAGS: readonly (number | undefined)[] = [TAG.utcTime, TAG.generalizedTime];

const LIST_READERS: ReadonlyMap<string, ExtensionReader<ListExtensions>> = new Map<
  string,
  ExtensionReader<ListExtensions>
>([
  [LIST_EXTENSION.cRLNumber, (value) => ({ number: value.integer() })],
  [LIST_EXTENSION.authorityKeyIdentifier, readAuthorityKeyIdentifier],
  [LIST_EXTENSION.issuingDistributionPoint, readIssuingDistributionPoint],
]);

const ENTRY_READERS: ReadonlyMap<string, ExtensionReader<EntryExtensions>> = new Map([
  [LIST_EXTENSION.reasonCode, (value: DerReader) => ({ reason: readReason(value) })],
]);

function readTbs(list: DerReader): Tbs {
  return list.sequence((tbs) => {
    const version = tbs.nextTag === TAG.integer ? readVersion(tbs) : undefined;
    const algorithm = readAlgorithm(tbs);
    const issuer = readName(tbs);
    const thisUpdate = tbs.time();
    const nextUpdate = TIME_TAGS.includes(tbs.nextTag) ? { nextUpdate: tbs.time() } : {};
    const entries = readEntries(tbs, version);
    const extensions = readListExtensions(tbs, version);
    const uninterpretedCritical = [...entries.uninterpretedCritical, ...extensions.uninterpretedCritical];
    return { algorithm, issuer, thisUpdate, ...nextUpdate, ...entries, ...extensions, uninterpretedCritical };
  });
}

/** The field is absent in version 1 (RFC 5280 §5.1.2.1). */
function readVersion(tbs: DerReader): number {
  const { offset } = tbs;
  const version = tbs.smallInteger(VERSION_2);
  if (version !== VERSION_2) throw new DerError('the version of a revocation list is 2 or absent', offset);
  return version;
}

function readListExtensions(
  tbs: DerReader,
  version: number | undefined,
): Partial<ListExtensions> & ReadExtensions {
  if (version !== VERSION_2 || tbs.nextTag !== EXTENSIONS_TAG) return { uninterpretedCritical: [] };
  return tbs.context(0, (reader) => readExtensionList(reader, LIST_READERS));
}

/** The field is absent if nothing is revoked (RFC 5280 §5.1.2.6). */
function readEntries(
  tbs: DerReader,
  version: number | undefined,
): Pick<ParsedRevocationList, 'revoked' | 'uninterpretedCritical'> {
  const revoked = new Map<string, RevokedCertificate>();
  const oids = new Set<string>();
  if (tbs.nextTag !== TAG.sequence) return { revoked, uninterpretedCritical: [] };
  tbs.sequence((entries) =>
    entries.nonEmptyList((each) => {
      const { serialNumber, uninterpretedCritical, ...entry } = readEntry(each, version);
      revoked.set(serialNumber, entry);
      for (const oid of uninterpretedCritical) oids.add(oid);
    }),
  );
  return { revoked, uninterpretedCritical: [...oids] };
}

function readEntry(entries: DerReader, version: number | undefined) {
  return entries.sequence((entry) => {
    const serialNumber = readSerialNumber(entry);
    const revokedAt = entry.time();
    const { reason = 'unspecified', uninterpretedCritical } =
      entry.atEnd || version !== VERSION_2 ? NO_EXTENSIONS : readExtensionList(entry, ENTRY_READERS);
    return { serialNumber, revokedAt, reason, uninterpretedCritical };
  });
}

const NO_EXTENSIONS: EntryExtensions & ReadExtensions = { uninterpretedCritical: [] };

/**
 * Understands only a point with a URL. Does not understand limits to some reasons or certificates, or entries
 * of other issuers.
 */
function readIssuingDistributionPoint(value: DerReader): Partial<ListExtensions & ReadExtensions> {
  return value.sequence((fields) => {
    const distributionPoint = fields.nextTag === POINT_TAG ? fields.context(0, readPointName) : undefined;
    const limits = fields.list((field) => field.element());
    const isUnderstood = distributionPoint !== undefined && limits.length === 0;
    return {
      ...(distributionPoint !== undefined && { distributionPoint }),
      ...(!isUnderstood && { uninterpretedCritical: [LIST_EXTENSION.issuingDistributionPoint] }),
    };
  });
}

/** The URL of a full name: the first with `http://`, otherwise the first of all. */
function readPointName(point: DerReader): string | undefined {
  if (point.nextTag !== FULL_NAME_TAG) {
    point.element();
    return undefined;
  }
  const names = point.context(0, (fullName) => fullName.nonEmptyList(readGeneralName));
  const urls = names.flatMap((name) => (name.type === 'uniformResourceIdentifier' ? [name.value] : []));
  return urls.find((url) => url.startsWith('http://')) ?? urls[0];
}
