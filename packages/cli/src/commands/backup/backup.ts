// `gatehouse backup`: the data folder in one encrypted file (docs/wire/backup.md). The archive comes from the
// running server, or from the folder if none runs. It is encrypted here, so the passphrase and the keys never
// leave this process. The file gets its name only after it was read back.
import { stat } from 'node:fs/promises';
import type { BackupFacts, BackupLock } from '@gatehouse/server';
import { dataFolder, isNotRunning } from '../../connection/data-folder.ts';
import { withTransport } from '../../connection/transport.ts';
import { usageError } from '../../exit-status.ts';
import { askNewPassphrase } from '../../input/passphrase.ts';
import { readAgeKeys, readPassphraseFile } from '../../input/secrets.ts';
import { checkOutputs, writeOutputs } from '../../output/output-files.ts';
import { print, printJson, remark, visible } from '../../output/print.ts';
import type { CliContext, CliProcess } from '../../process.ts';

export interface BackupFlags {
  passphraseFile?: string;
  recipient?: readonly string[];
  recipientsFile?: string;
  force?: boolean;
  json?: boolean;
  data?: string;
}

export async function backup(this: CliContext, flags: BackupFlags, path: string): Promise<void> {
  const { passphraseFile, recipientsFile, force, data, json } = flags;
  const rules = { force, inputs: [passphraseFile, recipientsFile] };
  await checkOutputs([path], rules);
  const lock = await chooseLock(this, flags);
  const { archiveOfStopped, sealBackup } = await import('@gatehouse/server');
  const seal = await sealBackup(lock);

  async function write(archive: AsyncIterable<Uint8Array>): Promise<BackupFacts> {
    let facts: BackupFacts | undefined;
    const content = seal.encrypt(archive);
    const check = async (temporary: string) => {
      facts = await seal.verify(temporary);
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

/** The recipients or the passphrase file; otherwise asks for a passphrase. */
async function chooseLock(
  { process }: CliContext,
  { passphraseFile, recipient = [], recipientsFile }: BackupFlags,
): Promise<BackupLock> {
  const hasRecipients = recipient.length > 0 || recipientsFile !== undefined;
  if (passphraseFile !== undefined && hasRecipients)
    throw usageError('give --passphrase-file, or recipients, not both');
  if (!hasRecipients) return { passphrase: await choosePassphrase(process, passphraseFile) };
  const listed = recipientsFile === undefined ? [] : await readAgeKeys(recipientsFile);
  return { recipients: [...recipient, ...listed] };
}

/** The file contains the authority's keys, and anyone with the file can try passphrases without limit. */
async function choosePassphrase(process: CliProcess, file: string | undefined): Promise<string> {
  const passphrase =
    file === undefined
      ? await askNewPassphrase(process, '--passphrase-file or --recipient')
      : await readPassphraseFile(file, process);
  if (passphrase.length < SHORT_CHARACTERS)
    remark(
      process,
      `gatehouse: warning: the passphrase has fewer than ${SHORT_CHARACTERS} characters, so a program can guess it: use a longer one, or --recipient`,
    );
  return passphrase;
}

const SHORT_CHARACTERS = 12;

function sizeText(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}

function ledgerText({ ledger }: BackupFacts): string {
  return `up to entry ${ledger.seq} of the ledger`;
}
