// `gatehouse pki p12 import`: the private key and the certificates of a PKCS#12 file (RFC 7292), in PEM
// files.
import { createPublicKey } from 'node:crypto';
import { encodePem, encodeSpki, readCertificate, readPkcs12 } from '@gatehouse/x509';
import { CliError, exitStatus, usageError } from '../../../exit-status.ts';
import { readInput } from '../../../input/input-file.ts';
import { newPassphrase, pkcs12Passphrase } from '../../../input/passphrase.ts';
import { cannotUse } from '../../../input/pki-files.ts';
import { privateKeyFile } from '../../../input/private-key-file.ts';
import { checkOutputs, type OutputFile, writeOutputs } from '../../../output/output-files.ts';
import type { CliContext } from '../../../process.ts';
import { report } from '../report.ts';

export interface P12ImportFlags {
  key?: string;
  keyPassphraseFile?: string;
  cert?: string;
  passphraseFile?: string;
  force?: boolean;
  json?: boolean;
}

export async function p12Import(this: CliContext, flags: P12ImportFlags, path: string): Promise<void> {
  const { key, keyPassphraseFile, cert, passphraseFile } = flags;
  const outputs = [key, cert].filter((output) => output !== undefined);
  if (outputs.length === 0)
    throw usageError('name a file to write: --key for the private key, --cert for the certificates');
  const rules = { force: flags.force, inputs: [path, keyPassphraseFile, passphraseFile] };
  await checkOutputs(outputs, rules);
  const contents = await readContents(this, path, passphraseFile);
  const keyPassphrase = await newPassphrase({ file: keyPassphraseFile }, this.process);
  const files: OutputFile[] = [];
  if (key !== undefined) files.push(privateKeyFile(key, requireKey(path, contents), keyPassphrase));
  if (cert !== undefined) files.push({ path: cert, content: requireCertificates(path, contents) });
  await writeOutputs(files, rules);
  report(this.process, flags, {
    facts: { files: outputs },
    sentence: `contents of ${path} in ${outputs.join(', ')}`,
  });
}

type Contents = ReturnType<typeof readPkcs12>;

async function readContents(
  { process }: CliContext,
  path: string,
  passphraseFile?: string,
): Promise<Contents> {
  const content = await readInput(path);
  const passphrase = await pkcs12Passphrase(path, passphraseFile, process);
  try {
    return readPkcs12(content, passphrase);
  } catch (error) {
    throw cannotUse(path, error);
  }
}

function requireKey(path: string, { privateKey }: Contents) {
  if (privateKey !== undefined) return privateKey;
  throw new CliError(exitStatus.failed, `${path} holds no private key: leave out --key`);
}

/** The certificate of the key comes first, as TLS servers need it. */
function requireCertificates(path: string, { privateKey, certificates }: Contents): string {
  if (certificates.length === 0) {
    throw new CliError(exitStatus.failed, `${path} holds no certificate: leave out --cert`);
  }
  const own = privateKey === undefined ? undefined : Buffer.from(encodeSpki(createPublicKey(privateKey)));
  const isOwn = (der: Uint8Array) => own?.equals(readCertificate(der).spki) === true;
  const sorted = certificates.toSorted((a, b) => Number(isOwn(b)) - Number(isOwn(a)));
  return sorted.map((der) => encodePem('CERTIFICATE', der)).join('');
}
