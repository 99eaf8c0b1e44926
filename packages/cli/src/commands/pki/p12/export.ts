// `gatehouse pki p12 export`: a private key and its certificates in one PKCS#12 file (RFC 7292).
import { createPublicKey } from 'node:crypto';
import { encodePkcs12, encodeSpki } from '@gatehouse/x509';
import { CliError, exitStatus } from '../../../exit-status.ts';
import { newPassphrase } from '../../../input/passphrase.ts';
import { readCertificates } from '../../../input/pki-files.ts';
import { readPrivateKeyFile } from '../../../input/private-key-file.ts';
import { checkOutputs, writeOutputs } from '../../../output/output-files.ts';
import type { CliContext } from '../../../process.ts';
import { report } from '../report.ts';

export interface P12ExportFlags {
  key: string;
  keyPassphraseFile?: string;
  cert: string;
  chain?: string;
  out: string;
  passphraseFile?: string;
  friendlyName?: string;
  force?: boolean;
  json?: boolean;
}

export async function p12Export(this: CliContext, flags: P12ExportFlags): Promise<void> {
  const { process } = this;
  const { key: keyPath, keyPassphraseFile, cert, chain, out, passphraseFile, friendlyName } = flags;
  const rules = { force: flags.force, inputs: [keyPath, keyPassphraseFile, cert, chain, passphraseFile] };
  await checkOutputs([out], rules);
  const certificates = [...(await readCertificates(cert)), ...(chain ? await readCertificates(chain) : [])];
  const key = { path: keyPath, passphraseFile: keyPassphraseFile, option: '--key-passphrase-file' };
  const privateKey = await readPrivateKeyFile(key, process);
  if (!Buffer.from(encodeSpki(createPublicKey(privateKey))).equals(certificates[0]?.spki ?? Buffer.of())) {
    throw new CliError(exitStatus.failed, `${keyPath} is not the private key of ${cert}`);
  }
  const passphrase =
    (await newPassphrase({ file: passphraseFile, ask: passphraseFile === undefined }, process)) ?? '';
  const content = encodePkcs12({
    privateKey,
    certificates: certificates.map(({ der }) => der),
    passphrase,
    ...(friendlyName === undefined ? {} : { friendlyName }),
  });
  await writeOutputs([{ path: out, content, isSecret: true }], rules);
  const sentence = `key and ${certificates.length === 1 ? 'certificate' : `${certificates.length} certificates`} in ${out}`;
  report(process, flags, { facts: { file: out, certificates: certificates.length }, sentence });
}
