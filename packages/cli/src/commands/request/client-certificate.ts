// The certificate that a command sends to a server (mutual TLS), with its chain and its private key, from
// files of any form. Refuses a key that does not match, before anything is sent.
import { createPublicKey } from 'node:crypto';
import { encodePem, encodePrivateKey, encodeSpki } from '@gatehouse/x509';
import { CliError, exitStatus } from '../../exit-status.ts';
import { readCertificates } from '../../input/pki-files.ts';
import { readPrivateKeyFile } from '../../input/private-key-file.ts';
import type { CliProcess } from '../../process.ts';
import { defaultKeyPath } from '../cert/pair.ts';

export interface ClientCertificateFlags {
  cert: string;
  /** Default: the certificate's name with `.key`. */
  certKey?: string | undefined;
  certPassphraseFile?: string | undefined;
}

/** The chain in PEM, the leaf first, and its key in PEM. Throws `CliError`. */
export async function readClientCertificate(
  { cert, certKey = defaultKeyPath(cert), certPassphraseFile: passphraseFile }: ClientCertificateFlags,
  process: CliProcess,
): Promise<{ chain: string; key: string }> {
  const certificates = await readCertificates(cert);
  const source = { path: certKey, passphraseFile, option: '--cert-passphrase-file' };
  const key = await readPrivateKeyFile(source, process);
  if (!Buffer.from(encodeSpki(createPublicKey(key))).equals(certificates[0].spki)) {
    throw new CliError(
      exitStatus.clientIdentity,
      `${certKey} is not the private key of ${cert}: name the right one with --cert-key`,
    );
  }
  const chain = certificates.map(({ der }) => encodePem('CERTIFICATE', der)).join('');
  return { chain, key: encodePrivateKey(key) };
}
