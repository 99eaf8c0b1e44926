// `gatehouse restore`: creates a data folder from a backup. Refuses a folder with files, a wrong passphrase,
// and an altered or truncated file.
import { access, constants } from 'node:fs/promises';
import type { BackupKey } from '@gatehouse/server';
import { dataFolder, rememberDataFolder } from '../../connection/data-folder.ts';
import { cannotRead, usageError } from '../../exit-status.ts';
import { askPassphrase } from '../../input/passphrase.ts';
import { readIdentityFile, readPassphraseFile } from '../../input/secrets.ts';
import { print, printJson, remark, visible } from '../../output/print.ts';
import type { CliContext } from '../../process.ts';

export interface RestoreFlags {
  passphraseFile?: string;
  identityFile?: string;
  json?: boolean;
  data?: string;
}

export async function restore(this: CliContext, flags: RestoreFlags, path: string): Promise<void> {
  const { process } = this;
  const data = dataFolder(flags.data, process.env);
  await access(path, constants.R_OK).catch((error) => {
    throw cannotRead(path, error);
  });
  const key = await readKey(this, flags, path);
  const { restoreBackup } = await import('@gatehouse/server');
  const { madeAt, ledger } = await restoreBackup(path, { data, key });
  await rememberDataFolder(process, data);
  const masterKeyFile = process.env.GATEHOUSE_MASTER_KEY_FILE;
  if (masterKeyFile !== undefined)
    remark(process, visible(`the master key is ${data}/master.key: move it to ${masterKeyFile}`));
  if (flags.json) return printJson(process, { data, madeAt, ledger });
  print(
    process,
    visible(`restored into ${data}: the state of ${madeAt}, up to entry ${ledger.seq} of the ledger`),
  );
}

async function readKey(
  { process }: CliContext,
  { passphraseFile, identityFile }: RestoreFlags,
  path: string,
): Promise<BackupKey> {
  if (passphraseFile !== undefined && identityFile !== undefined)
    throw usageError('give --passphrase-file or --identity-file, not both');
  if (identityFile !== undefined) return { identities: await readIdentityFile(identityFile, process) };
  const passphrase =
    passphraseFile === undefined
      ? await askPassphrase(path, '--passphrase-file or --identity-file', process)
      : await readPassphraseFile(passphraseFile, process);
  return { passphrase };
}
