// `gatehouse restore`: a data folder from a backup. Refuses a folder that has files, another passphrase, and
// a file that is altered or cut off.
import { access } from 'node:fs/promises';
import { dataFolder } from '../../connection/data-folder.ts';
import { cannotRead } from '../../exit-status.ts';
import { askPassphrase } from '../../input/passphrase.ts';
import { readPassphraseFile } from '../../input/secrets.ts';
import { print, printJson, remark, visible } from '../../output/print.ts';
import type { CliContext } from '../../process.ts';

export interface RestoreFlags {
  passphraseFile?: string;
  json?: boolean;
  data?: string;
}

export async function restore(this: CliContext, flags: RestoreFlags, path: string): Promise<void> {
  const { process } = this;
  const data = dataFolder(flags.data, process.env);
  await access(path).catch((error) => {
    throw cannotRead(path, error);
  });
  const passphrase =
    flags.passphraseFile === undefined
      ? await askPassphrase(path, '--passphrase-file', process)
      : await readPassphraseFile(flags.passphraseFile, process);
  const { restoreBackup } = await import('@gatehouse/server');
  const { madeAt, ledger } = await restoreBackup(path, { data, passphrase });
  const masterKeyFile = process.env.GATEHOUSE_MASTER_KEY_FILE;
  if (masterKeyFile !== undefined)
    remark(process, visible(`the master key is ${data}/master.key: move it to ${masterKeyFile}`));
  if (flags.json) return printJson(process, { data, madeAt, ledger });
  print(
    process,
    visible(`restored into ${data}: the state of ${madeAt}, up to entry ${ledger.seq} of the ledger`),
  );
}
