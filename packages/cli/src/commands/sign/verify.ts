// `gatehouse verify FILE`: verifies the signature of a file with a public key, or with a certificate that
// leads to given roots. Exits with 1 if it is not valid.
import { readFile } from 'node:fs/promises';
import type { JsonKey } from '@gatehouse/protocol';
import { importVerifyingKey, MessageSignatureError } from '@gatehouse/protocol';
import { encodePem, readCertificate, readPublicKey, verifyCertificate, X509Error } from '@gatehouse/x509';
import { CliError, cannotRead, exitStatus, usageError } from '../../exit-status.ts';
import { readInput } from '../../input/input-file.ts';
import { cannotUse, readCertificates } from '../../input/pki-files.ts';
import { print, printJson, visible } from '../../output/print.ts';
import { shortTime } from '../../output/times.ts';
import type { CliContext } from '../../process.ts';
import { holderOf } from '../pki/certificate-facts.ts';
import type { FileSignature } from './file-signature.ts';
import { FileSignatureError, readFileSignature } from './file-signature.ts';
import { measureFile, signatureOf } from './sign.ts';

export interface VerifyFlags {
  publicKey?: string;
  roots?: string;
  signature?: string;
  json?: boolean;
}

export async function verifyCommand(this: CliContext, flags: VerifyFlags, path: string): Promise<void> {
  const { process } = this;
  const from = flags.signature ?? signatureOf(path);
  const signature = await readSignature(from);
  const { key, signer } = await keyFor(flags, signature);
  if (!(await signature.isBy(await importKey(key, from)))) {
    throw refused(path, `${from} was not made by this key`);
  }
  const { statement } = signature;
  const { size, sha512 } = await measureFile(path, process);
  if (size !== statement.size || sha512 !== statement.sha512) throw refused(path, 'its content is different');
  const signedAt = new Date(statement.iat * 1000).toISOString();
  if (flags.json) return printJson(process, { ok: true, ...statement, signedAt, signer: signer ?? null });
  const by = signer === undefined ? '' : ` by ${signer}`;
  print(process, visible(`${path} is as it was signed${by}, ${shortTime(signedAt)}`));
}

async function readSignature(path: string): Promise<FileSignature> {
  const text = await readFile(path, 'latin1').catch((error) => {
    throw cannotRead(path, error);
  });
  try {
    return readFileSignature(text);
  } catch (error) {
    if (!(error instanceof FileSignatureError)) throw error;
    throw new CliError(exitStatus.failed, `${path} cannot be used: ${error.message}`, { cause: error });
  }
}

interface SigningParty {
  key: JsonKey;
  /** The holder of the certificate. */
  signer?: string;
}

async function keyFor({ publicKey, roots }: VerifyFlags, signature: FileSignature): Promise<SigningParty> {
  if ((publicKey === undefined) === (roots === undefined)) {
    throw usageError('give --public-key, or --roots for a signature with a certificate');
  }
  return publicKey === undefined ? certifiedKey(roots ?? '', signature) : { key: await readKey(publicKey) };
}

async function readKey(path: string): Promise<JsonKey> {
  try {
    return readPublicKey(await readInput(path)).export({ format: 'jwk' }) as JsonKey;
  } catch (error) {
    throw cannotUse(path, error);
  }
}

/** The key of the certificate in the signature, if that certificate is trusted now. */
async function certifiedKey(path: string, { chain }: FileSignature): Promise<SigningParty> {
  const roots = await readCertificates(path);
  try {
    const [certificate, ...intermediates] = chain.map((der) => readCertificate(der));
    if (!certificate)
      throw new CliError(exitStatus.failed, 'the signature has no certificate: give --public-key');
    verifyCertificate({ certificate, intermediates, roots, at: new Date() });
    const pem = encodePem('PUBLIC KEY', certificate.spki);
    return { key: readPublicKey(pem).export({ format: 'jwk' }) as JsonKey, signer: holderOf(certificate) };
  } catch (error) {
    if (!(error instanceof X509Error)) throw error;
    const why = `the certificate of the signature is not trusted: ${error.message}`;
    throw new CliError(exitStatus.failed, why, { cause: error });
  }
}

async function importKey(key: JsonKey, path: string) {
  try {
    return await importVerifyingKey(key);
  } catch (error) {
    if (!(error instanceof MessageSignatureError)) throw error;
    throw new CliError(exitStatus.failed, `${path} cannot be verified: ${error.message}`, { cause: error });
  }
}

function refused(path: string, why: string): CliError {
  return new CliError(exitStatus.failed, `${path} does not match its signature: ${why}`);
}
