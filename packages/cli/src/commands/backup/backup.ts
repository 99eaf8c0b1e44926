// `gatehouse backup`: the data folder in one encrypted file (docs/wire/backup.md). The archive comes from the
// running server, or from the folder if none runs. It is encrypted here, so the passphrase never leaves this
// process. The file is read back before it gets its name.
import { stat } from 'node:fs/promises';
import type { BackupFacts } from '@gatehouse/server';
import { dataFolder, isNotRunning } from '../../connection/data-folder.ts';
import { withTransport } from '../../connection/transport.ts';
import { askNewPassphrase } from '../../input/passphrase.ts';
import { readPassphraseFile } from '../../input/secrets.ts';
import { checkOutputs, writeOutputs } from '../../output/output-files.ts';
import { print, printJson, visible } from '../../output/print.ts';
import type { CliContext } from '../../process.ts';

export interface BackupFlags {
  passphraseFile?: string;
  force?: boolean;
  json?: boolean;
  data?: string;
}

export async function backup(this: CliContext, flags: BackupFlags, path: string): Promise<void> {
  const { passphraseFile: file, force, data, json } = flags;
  const rules = { force, inputs: [file] };
  await checkOutputs([path], rules);
  const passphrase =
    file === undefined ? await askNewPassphrase(this.process) : await readPassphraseFile(file, this.process);
  const { archiveOfStopped, encryptBackup, verifyBackup } = await import('@gatehouse/server');

  async function write(archive: AsyncIterable<Uint8Array>): Promise<BackupFacts> {
    let facts: BackupFacts | undefined;
    const content = encryptBackup(archive, passphrase);
    const check = async (temporary: string) => {
      facts = await verifyBackup(temporary, passphrase);
    };
    await writeOutputs([{ path, content, isSecret: true, check }], rules);
    if (facts === undefined) throw new TypeError('the backup was not checked');
    return facts;
  }

  const { env } = this.process;
  const facts = await withTransport(this, { data }, async (transport) =>
    write(await transport.octets('POST', '/admin/backup')),
  ).catch((error) => {
    if (!isNotRunning(error)) throw error;
    return write(archiveOfStopped(dataFolder(data, env), env.GATEHOUSE_MASTER_KEY_FILE));
  });
  const { size: bytes } = await stat(path);
  if (json) return printJson(this.process, { file: path, bytes, madeAt: facts.madeAt, ledger: facts.ledger });
  print(
    this.process,
    visible(`backup written and read back: ${path}, ${sizeText(bytes)}, ${ledgerText(facts)}`),
  );
}

function sizeText(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}

function ledgerText({ ledger }: BackupFacts): string {
  return `up to entry ${ledger.seq} of the ledger`;
}
