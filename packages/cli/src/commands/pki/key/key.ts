// `gatehouse pki key`: a private key in PKCS#8 form (RFC 5958), new, or read from a file of any form.
// Encrypted if there is a passphrase.
import { createPublicKey, type KeyObject } from 'node:crypto';
import {
  encodePem,
  encodeSpki,
  generatePrivateKey,
  type PrivateKeyType,
  publicKeyType,
  spkiFingerprint,
} from '@gatehouse/x509';
import { usageError } from '../../../exit-status.ts';
import { newPassphrase } from '../../../input/passphrase.ts';
import { privateKeyFile, readPrivateKeyFile } from '../../../input/private-key-file.ts';
import { checkOutputs, writeOutputs } from '../../../output/output-files.ts';
import type { CliContext } from '../../../process.ts';
import { report } from '../report.ts';

export interface PkiKeyFlags {
  type?: PrivateKeyType;
  from?: string;
  fromPassphraseFile?: string;
  out: string;
  public?: string;
  passphraseFile?: string;
  passphrase?: boolean;
  force?: boolean;
  json?: boolean;
}

export async function pkiKey(this: CliContext, flags: PkiKeyFlags): Promise<void> {
  const { from, fromPassphraseFile, out, public: publicOut, passphraseFile } = flags;
  const rules = { force: flags.force, inputs: [passphraseFile, from, fromPassphraseFile] };
  await checkOutputs(publicOut === undefined ? [out] : [out, publicOut], rules);
  const passphrase = await newPassphrase({ file: passphraseFile, ask: flags.passphrase }, this.process);
  const key = await keyOf(this, flags);
  const spki = encodeSpki(createPublicKey(key));
  const publicFiles =
    publicOut === undefined ? [] : [{ path: publicOut, content: encodePem('PUBLIC KEY', spki) }];
  await writeOutputs([privateKeyFile(out, key, passphrase), ...publicFiles], rules);
  const { pin } = spkiFingerprint({ spki });
  const type = publicKeyType(spki);
  const isEncrypted = passphrase !== undefined;
  const state = isEncrypted ? 'encrypted' : 'not encrypted: only file permissions protect it';
  const sentence = `${type} private key in ${out}, ${state}; public key ${pin}`;
  report(this.process, flags, {
    facts: { file: out, publicFile: publicOut, type, isEncrypted, pin },
    sentence,
  });
}

function keyOf({ process }: CliContext, flags: PkiKeyFlags): KeyObject | Promise<KeyObject> {
  const { type, from: path, fromPassphraseFile: passphraseFile } = flags;
  if (path === undefined) return generatePrivateKey(type ?? 'P-256');
  if (type !== undefined) throw usageError('--type is for a new key: leave it out with --from');
  return readPrivateKeyFile({ path, passphraseFile, option: '--from-passphrase-file' }, process);
}
