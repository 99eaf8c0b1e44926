// `gatehouse sign FILE`: signs a file with a private key, into FILE.sig.
import { createPublicKey, type KeyObject } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { signerOf } from '@gatehouse/client';
import { encodeSpki } from '@gatehouse/x509';
import { CliError, cannotRead, exitStatus, usageError } from '../../exit-status.ts';
import { readCertificates } from '../../input/pki-files.ts';
import { readPrivateKeyFile } from '../../input/private-key-file.ts';
import { checkOutputs, writeOutputs } from '../../output/output-files.ts';
import { printJson, remark, visible } from '../../output/print.ts';
import type { CliContext, CliProcess } from '../../process.ts';
import type { FileStatement } from './file-signature.ts';
import { joseName, measure, signStatement } from './file-signature.ts';

export interface SignFlags {
  key: string;
  passphraseFile?: string;
  cert?: string;
  out?: string;
  force?: boolean;
  json?: boolean;
}

export async function signCommand(this: CliContext, flags: SignFlags, path: string): Promise<void> {
  const { process } = this;
  const { key: keyPath, passphraseFile, cert, force } = flags;
  const out = flags.out ?? signatureOf(path);
  const rules = { force, inputs: [path, keyPath, cert] };
  await checkOutputs([out], rules);
  const key = await readPrivateKeyFile({ path: keyPath, passphraseFile }, process);
  const signer = await signerOf(key).catch((error) => {
    throw new CliError(exitStatus.failed, `${keyPath}: ${error.message}`, { cause: error });
  });
  const chain = cert === undefined ? [] : await chainFor(cert, key);
  const statement: FileStatement = {
    file: path === '-' ? '-' : basename(path),
    ...(await measureFile(path, process)),
    iat: Math.floor(Date.now() / 1000),
  };
  const content = `${await signStatement(statement, signer, chain)}\n`;
  await writeOutputs([{ path: out, content }], rules);
  const algorithm = joseName(signer.algorithm);
  if (flags.json) return printJson(process, { ...statement, algorithm, signature: out });
  remark(process, visible(`signed ${path} with ${algorithm}: the signature is in ${out}`));
}

/** The path of a file's signature. */
export function signatureOf(path: string): string {
  if (path !== '-') return `${path}.sig`;
  throw usageError('standard input has no name: name the file of the signature with --out');
}

/** Standard input is `-`. Throws `CliError`. */
export async function measureFile(
  path: string,
  { stdin }: CliProcess,
): Promise<Pick<FileStatement, 'size' | 'sha512'>> {
  try {
    return await measure(path === '-' ? stdin : createReadStream(path));
  } catch (error) {
    throw cannotRead(path, error);
  }
}

async function chainFor(path: string, key: KeyObject): Promise<Uint8Array[]> {
  const certificates = await readCertificates(path);
  if (Buffer.from(encodeSpki(createPublicKey(key))).equals(certificates[0].spki)) {
    return certificates.map(({ der }) => der);
  }
  throw new CliError(
    exitStatus.clientIdentity,
    `${path} is the certificate of another key than that of --key`,
  );
}
