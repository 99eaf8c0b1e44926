// Reads private keys from files of any form, and writes them.
import type { KeyObject } from 'node:crypto';
import {
  encodePrivateKey,
  encryptPrivateKey,
  readPrivateKey,
  type Signer,
  signerFromKey,
  X509Error,
} from '@gatehouse/x509';
import type { OutputFile } from '../output/output-files.ts';
import { remark, visible } from '../output/print.ts';
import type { CliProcess } from '../process.ts';
import { readInput } from './input-file.ts';
import { askPassphrase } from './passphrase.ts';
import { cannotUse } from './pki-files.ts';
import { readPassphraseFile } from './secrets.ts';

export interface KeySource {
  path: string;
  /** Without one, the command asks for the passphrase of an encrypted key. */
  passphraseFile?: string | undefined;
  /** The option that names the passphrase file; default `--passphrase-file`. */
  option?: string;
}

/** The private key in a file of any form. Throws `CliError`, which names the file. */
export async function readPrivateKeyFile(
  { path, passphraseFile, option = '--passphrase-file' }: KeySource,
  process: CliProcess,
): Promise<KeyObject> {
  const content = await readInput(path);
  const given = passphraseFile && (await readPassphraseFile(passphraseFile, process));
  try {
    return readPrivateKey(content, given);
  } catch (error) {
    if (!isPassphraseMissing(error)) throw cannotUse(path, error);
  }
  return readAsked(
    path,
    async () => readPrivateKey(content, await askPassphrase(path, option, process)),
    process,
  );
}

const TRIES = 3;

/** Asks again if the passphrase is wrong. */
async function readAsked(
  path: string,
  read: () => Promise<KeyObject>,
  process: CliProcess,
): Promise<KeyObject> {
  for (let left = TRIES - 1; ; left -= 1) {
    try {
      return await read();
    } catch (error) {
      const isWrong = error instanceof X509Error && error.code === 'passphrase_wrong';
      if (!isWrong || left === 0) throw cannotUse(path, error);
      remark(process, visible(`gatehouse: ${path}: ${error.message}; try again`));
    }
  }
}

/** A signer over the private key in a file. Throws `CliError`, which names the file. */
export async function readSigner(source: KeySource, process: CliProcess): Promise<Signer> {
  const key = await readPrivateKeyFile(source, process);
  try {
    return signerFromKey(key);
  } catch (error) {
    throw cannotUse(source.path, error);
  }
}

/** A file for a private key, encrypted if there is a passphrase. */
export function privateKeyFile(path: string, key: KeyObject, passphrase: string | undefined): OutputFile {
  const content = passphrase === undefined ? encodePrivateKey(key) : encryptPrivateKey(key, passphrase);
  return { path, content, isSecret: true };
}

export function isPassphraseMissing(error: unknown): boolean {
  return error instanceof X509Error && error.code === 'passphrase_missing';
}
