// Certificates with any parts, also with parts that our issuers refuse.
import { createPublicKey, type KeyObject } from 'node:crypto';
import {
  boolean,
  type Der,
  encodeDer,
  explicit,
  integer,
  objectIdentifier,
  octetString,
  sequence,
  time,
} from '../../src/der/write.ts';
import { generatePrivateKey, parseSubjectName } from '../../src/index.ts';
import {
  authorityKeyIdentifier,
  basicConstraints,
  extendedKeyUsage,
  keyUsage,
  subjectAltName,
  subjectKeyIdentifier,
} from '../../src/issue/extensions.ts';
import { encodeSignatureAlgorithm, type Signer, signerFromKey } from '../../src/keys/signer.ts';
import { encodeSpki, keyIdentifier } from '../../src/keys/spki.ts';
import { encodeName, type Subject } from '../../src/names/name.ts';
import { encodeSigned } from '../../src/signed.ts';

export const FROM = new Date('2026-01-01T00:00:00Z');
export const UNTIL = new Date('2030-01-01T00:00:00Z');
/** A time at which all certificates of this file are valid. */
export const AT = new Date('2027-01-01T00:00:00Z');

/** A signer: a name and a key. */
export interface Forger {
  readonly subject: Subject;
  readonly key: KeyObject;
  readonly signer: Signer;
}

/** The parts of a TBSCertificate. A test may replace each of them by any DER. */
export interface ForgedParts {
  readonly version?: Der | readonly Der[];
  readonly serialNumber?: Der;
  readonly algorithm?: Der;
  readonly issuer?: Der;
  readonly validity?: Der;
  readonly subject?: Der | Subject;
  readonly spki?: Der;
  readonly uniqueIds?: readonly Der[];
  /** Without it, the field is left out. */
  readonly extensions?: readonly Der[];
}

let serial = 0x4000_0000_0000_0000n;

export function createForger(commonName: string, key: KeyObject = generatePrivateKey('P-256')): Forger {
  return { subject: { commonName }, key, signer: signerFromKey(key) };
}

/** A TBSCertificate. Parts that are not replaced follow RFC 5280. */
export function forgeTbs(parts: ForgedParts, by: Forger): Buffer {
  const { subject = { commonName: 'x' } } = parts;
  const isDer = subject instanceof Uint8Array || 'tag' in subject;
  return encodeDer(
    sequence(
      ...[parts.version ?? explicit(0, integer(2))].flat(),
      parts.serialNumber ?? integer(serial++),
      parts.algorithm ?? encodeSignatureAlgorithm(by.signer.algorithm),
      parts.issuer ?? encodeName(by.subject),
      parts.validity ?? sequence(time(FROM), time(UNTIL)),
      isDer ? subject : encodeName(subject),
      parts.spki ?? LEAF_SPKI,
      ...(parts.uniqueIds ?? []),
      ...(parts.extensions ? [explicit(3, sequence(...parts.extensions))] : []),
    ),
  );
}

/** A certificate with a valid signature of the forger. */
export function forge(parts: ForgedParts, by: Forger): Buffer {
  return encodeSigned(forgeTbs(parts, by), by.signer);
}

/** A certificate of the authority `who`, with additional extensions. */
export function forgeAuthority(
  who: Forger,
  by: Forger,
  {
    further = [],
    pathLength,
    ...parts
  }: ForgedParts & { further?: readonly Der[]; pathLength?: number } = {},
): Buffer {
  const spki = encodeSpki(createPublicKey(who.key));
  const extensions = [
    basicConstraints(pathLength === undefined ? { isCa: true } : { isCa: true, pathLength }),
    keyUsage(['keyCertSign', 'cRLSign']),
    subjectKeyIdentifier(keyIdentifier(spki)),
    ...(who === by ? [] : [authorityKeyIdentifier(keyIdentifier(by.signer.publicKey))]),
    ...further,
  ];
  return forge({ subject: who.subject, spki, extensions, ...parts }, by);
}

/** A server certificate for these names. */
export function forgeServer(
  by: Forger,
  { names = ['a.example'], further = [], ...parts }: ForgedParts & { names?: string[]; further?: Der[] } = {},
): Buffer {
  return forge(
    {
      subject: {},
      extensions: [
        keyUsage(['digitalSignature']),
        extendedKeyUsage(['serverAuth']),
        subjectKeyIdentifier(Buffer.alloc(20, 1)),
        authorityKeyIdentifier(keyIdentifier(by.signer.publicKey)),
        subjectAltName(names.map(parseSubjectName), { isCritical: true }),
        ...further,
      ],
      ...parts,
    },
    by,
  );
}

/** Any extension. */
export function anyExtension(oid: string, value: Der, { isCritical = false } = {}): Der {
  return sequence(objectIdentifier(oid), ...(isCritical ? [boolean(true)] : []), octetString(value));
}

const LEAF_SPKI = encodeSpki(createPublicKey(generatePrivateKey('P-256')));
