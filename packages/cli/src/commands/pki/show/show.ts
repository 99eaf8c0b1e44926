// `gatehouse pki show`: prints the content of a file for people, or as one JSON document. For a private key,
// it prints only the kind and the fingerprint of its public key.
import { createPublicKey, type KeyObject } from 'node:crypto';
import {
  encodeSpki,
  type PemBlock,
  readCertificate,
  readPkcs12,
  readPrivateKey,
  readPublicKey,
  readRequest,
  readRevocationList,
  X509Error,
} from '@gatehouse/x509';
import { CliError, exitStatus } from '../../../exit-status.ts';
import { readInput } from '../../../input/input-file.ts';
import { pkcs12Passphrase } from '../../../input/passphrase.ts';
import { cannotUse, pemBlocks } from '../../../input/pki-files.ts';
import { isPassphraseMissing } from '../../../input/private-key-file.ts';
import { readPassphraseFile } from '../../../input/secrets.ts';
import { print, printJson } from '../../../output/print.ts';
import type { CliContext } from '../../../process.ts';
import { certificateFacts, publicKeyFacts, requestFacts, revocationListFacts } from '../certificate-facts.ts';
import { type FileObject, inWords } from './words.ts';

export interface PkiShowFlags {
  passphraseFile?: string;
  json?: boolean;
}

export async function pkiShow(this: CliContext, flags: PkiShowFlags, path: string): Promise<void> {
  const content = await readInput(path);
  const passphrase = await passphraseFor(this, path, { content, file: flags.passphraseFile });
  const objects = objectsOf(path, content, passphrase);
  if (!flags.json) return print(this.process, inWords(objects, new Date()));
  const [first, ...others] = objects;
  printJson(this.process, others.length === 0 ? first : { kind: 'bundle', objects });
}

/** Nothing in a PKCS#12 file can be read without one. */
function passphraseFor(
  { process }: CliContext,
  path: string,
  { content, file }: { content: Buffer; file: string | undefined },
): Promise<string | undefined> {
  if (isPkcs12(content)) return pkcs12Passphrase(path, file, process);
  return file === undefined ? Promise.resolve(undefined) : readPassphraseFile(file, process);
}

function objectsOf(path: string, content: Buffer, passphrase: string | undefined): FileObject[] {
  try {
    const blocks = pemBlocks(content);
    if (blocks === undefined) {
      return isPkcs12(content) ? fromPkcs12(content, passphrase) : [fromDer(content, passphrase)];
    }
    const objects = blocks.flatMap((block) => fromBlock(block, content, passphrase));
    if (objects.length > 0) return objects;
    if (isSshLine(content)) return [publicKey(readPublicKey(content))];
  } catch (error) {
    throw cannotUse(path, error);
  }
  throw new CliError(exitStatus.failed, `${path} holds nothing that this command can read: give PEM or DER`);
}

/** If a file has several private keys, it reads the first one, like every command. */
function fromBlock(
  { label, bytes }: PemBlock,
  content: Buffer,
  passphrase: string | undefined,
): FileObject[] {
  if (/^(X509 )?CERTIFICATE$/.test(label)) return [certificateFacts(readCertificate(bytes))];
  if (/^(NEW )?CERTIFICATE REQUEST$/.test(label)) return [requestFacts(readRequest(bytes))];
  if (label === 'X509 CRL') return [revocationListFacts(readRevocationList(bytes))];
  if (/PUBLIC KEY$/.test(label)) return [publicKey(readPublicKey(bytes))];
  if (/PRIVATE KEY$/.test(label)) return [privateKey(content, passphrase)];
  return /PARAMETERS$/.test(label) ? [] : [{ kind: 'other', label }];
}

function fromPkcs12(content: Buffer, passphrase = ''): FileObject[] {
  const { privateKey: key, certificates } = readPkcs12(content, passphrase);
  const objects: FileObject[] = certificates.map((der) => certificateFacts(readCertificate(der)));
  return key === undefined ? objects : [privateKeyFacts(key), ...objects];
}

/** DER does not name its content, so each reader tries. At most one of them can read it. */
function fromDer(content: Buffer, passphrase: string | undefined): FileObject {
  for (const read of DER_READERS) {
    const objects = attempt(() => read(content, passphrase));
    if (objects !== undefined) return objects;
  }
  throw new X509Error(
    'der_invalid',
    'neither a certificate, a request, a key, a revocation list nor PKCS#12',
  );
}

const DER_READERS: readonly ((content: Buffer, passphrase: string | undefined) => FileObject)[] = [
  (content) => certificateFacts(readCertificate(content)),
  (content) => requestFacts(readRequest(content)),
  (content) => revocationListFacts(readRevocationList(content)),
  (content) => publicKey(readPublicKey(content)),
  privateKey,
];

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    // Only a private key asks for a passphrase.
    if (error instanceof X509Error && error.code !== 'passphrase_wrong') return undefined;
    throw error;
  }
}

function privateKey(content: Buffer, passphrase: string | undefined): FileObject {
  try {
    return privateKeyFacts(readPrivateKey(content, passphrase));
  } catch (error) {
    if (isPassphraseMissing(error)) return { kind: 'privateKey', isEncrypted: true, key: null };
    throw error;
  }
}

function privateKeyFacts(key: KeyObject): FileObject {
  return { kind: 'privateKey', key: publicKeyFacts(encodeSpki(createPublicKey(key))) };
}

function publicKey(key: KeyObject): FileObject {
  return { kind: 'publicKey', key: publicKeyFacts(encodeSpki(key)) };
}

/** A `.pub` file of OpenSSH (RFC 4253 §6.6). */
function isSshLine(content: Buffer): boolean {
  return /^\s*(?:ssh|ecdsa|sk)-\S+[ \t]/.test(content.toString('latin1', 0, 100));
}

/** `SEQUENCE { INTEGER 3 …` (RFC 7292 §4), also with the indefinite length that some programs write. */
function isPkcs12(content: Buffer): boolean {
  const [tag, length = 0] = content;
  const start = length > 0x80 ? 2 + (length & 0x7f) : 2;
  return tag === 0x30 && content.subarray(start, start + 3).equals(Buffer.of(0x02, 0x01, 0x03));
}
