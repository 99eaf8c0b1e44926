// `gatehouse ca trust [FILE]`: adds the root to the system's and the browsers' stores; --undo removes only
// that root. Changes nothing with --dry-run. Asks for no password: if a step needs the superuser, it prints
// the command to run.
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { ownDataFolder } from '../../connection/data-folder.ts';
import { CliError, exitStatus } from '../../exit-status.ts';
import { readInput } from '../../input/input-file.ts';
import { readCertificates } from '../../input/pki-files.ts';
import { cell, print, printJson, remark } from '../../output/print.ts';
import type { CliContext, CliProcess } from '../../process.ts';
import { holderOf } from '../pki/certificate-facts.ts';
import { createRun, type Root, rootOf } from './trust-stores/store.ts';
import { applyTo, findStores, type StoreReport, type TrustOptions } from './trust-stores/trust.ts';

export interface CaTrustFlags extends TrustOptions {
  store?: 'system' | 'nss';
  data?: string;
  json?: boolean;
}

export async function caTrust(this: CliContext, flags: CaTrustFlags, path?: string): Promise<void> {
  const { process } = this;
  const file = resolve(path ?? join(await ownDataFolder(flags.data, process.env), 'root.pem'));
  const roots = await readRoots(file);
  const stores = findStores(surroundingsOf(process)).filter(({ kind }) => kind === (flags.store ?? kind));
  const done: { root: Root; reports: StoreReport[] }[] = [];
  const again = { command: `sudo gatehouse ca trust${flags.undo ? ' --undo' : ''} --store system ${file}` };
  for (const root of roots) {
    const reports: StoreReport[] = [];
    for (const store of stores) {
      const report = await applyTo(store, root, flags);
      reports.push(report.outcome === 'not permitted' ? { ...again, ...report } : report);
    }
    done.push({ root, reports });
  }
  if (flags.json)
    printJson(
      process,
      done.map(({ root, reports }) => ({ ...factsOf(root), stores: reports })),
    );
  else for (const { root, reports } of done) show(process, root, reports);
  process.exitCode = exitStatusAfter(done.flatMap(({ reports }) => reports));
}

async function readRoots(path: string): Promise<Root[]> {
  const certificates = await readCertificates(path);
  const other = certificates.find(({ isCa }) => !isCa);
  if (other !== undefined) {
    const message = `${path} has a certificate that does not belong to an authority (${cell(holderOf(other))}): remove it from the file`;
    throw new CliError(exitStatus.failed, message);
  }
  const roots = certificates.map((certificate) => rootOf(certificate));
  const [only, ...more] = roots;
  const isAlone =
    only !== undefined && more.length === 0 && (await readInput(path)).equals(Buffer.from(only.pem));
  return isAlone ? [{ ...only, path }] : roots;
}

function surroundingsOf({ env: environment }: CliProcess) {
  const home = environment.HOME ?? homedir();
  return { platform: process.platform, environment, home, run: createRun(environment) };
}

function factsOf({ subject, sha256 }: Root) {
  return { subject, sha256 };
}

function show(process: CliProcess, { subject, sha256 }: Root, reports: readonly StoreReport[]): void {
  print(process, `${cell(subject)}, SHA-256 ${sha256}`);
  for (const { store, outcome, reason, command } of reports) {
    print(
      process,
      `${outcome.padEnd('not permitted'.length)}  ${store}${reason === undefined ? '' : `: ${reason}`}`,
    );
    if (command !== undefined) print(process, `${' '.repeat('not permitted'.length)}  ${command}`);
  }
  if (reports.some(({ outcome }) => outcome === 'added' || outcome === 'removed')) {
    remark(
      process,
      'Restart the browsers. Node, Java and Python have their own stores, which were not changed.',
    );
  }
}

/** Fails if a store failed, or if no store has the wanted state. */
function exitStatusAfter(reports: readonly StoreReport[]): number {
  const isDone = ({ outcome }: StoreReport) => !['failed', 'skipped', 'not permitted'].includes(outcome);
  const failed = reports.some(({ outcome }) => outcome === 'failed');
  return !failed && reports.some(isDone) ? exitStatus.ok : exitStatus.failed;
}
