// A running server: whether it answers, the state of its ledger, its certificates and its workers, and the
// age of its last backup.
import { readFile, stat } from 'node:fs/promises';
import { connectTls } from '@gatehouse/client/sockets';
import manifest from '../../../package.json' with { type: 'json' };
import type { Status } from '../../connection/admin-api.ts';
import { isNotRunning } from '../../connection/data-folder.ts';
import { withTransport } from '../../connection/transport.ts';
import { CliError, exitStatus } from '../../exit-status.ts';
import { span } from '../../output/times.ts';
import type { CliContext } from '../../process.ts';
import { readLedger } from '../audit/filter.ts';
import { type Finding, ok, type Patient, problem, skipped, warning } from './finding.ts';

/** The status of the server of the data folder; a finding if it does not answer. */
export async function askServer(
  context: CliContext,
  folder: string,
): Promise<{ status: Status | undefined; findings: Finding[] }> {
  try {
    const status = await withTransport(context, { data: folder }, (transport) =>
      transport.call<Status>('GET', '/admin/status'),
    );
    return { status, findings: [ok('server', `runs since ${status.startedAt}, version ${status.version}`)] };
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    const isAway = isNotRunning(error) || error.status === exitStatus.connect;
    const away = skipped('server', 'no server runs on this data folder');
    return { status: undefined, findings: [isAway ? away : problem('server', error.message, 'see its log')] };
  }
}

export async function checkServer({ status, folder, now, context }: Patient): Promise<Finding[]> {
  if (status === undefined) return [];
  return [
    ...checkVersion(status),
    ...checkLedger(status),
    ...checkWorkers(status),
    ...checkServerCertificates(status, now),
    ...(await checkReach(status)),
    ...(await checkBackups(context, folder, now)),
  ];
}

function checkVersion({ version }: Status): Finding[] {
  if (version === manifest.version) return [];
  const message = `the server is version ${version}, and this command is ${manifest.version}`;
  return [warning('version', message, 'restart the server')];
}

export function checkLedger({ ledger }: Pick<Status, 'ledger'>): Finding[] {
  if (ledger.problem === null)
    return [ok('ledger', `${ledger.entries} entries, whole when the server started`)];
  const fix = 'find out who changed the database, and restore a backup';
  return [problem('ledger', `the ledger is broken ${ledger.problem}`, fix, 'gatehouse audit verify')];
}

function checkWorkers({ workers }: Pick<Status, 'workers'>): Finding[] {
  const restarts = workers.reduce((sum, worker) => sum + worker.restarts, 0);
  const serving = workers.filter(({ state }) => state === 'serving').length;
  if (serving === 0)
    return [problem('workers', 'no process of the gateway serves', 'see the log of the server')];
  if (restarts > 0)
    return [
      warning(
        'workers',
        `${serving} serve, and ${restarts} were replaced`,
        'see why in the log of the server',
      ),
    ];
  return [ok('workers', `${serving} serve, on ${workers[0]?.runtime}`)];
}

const SOON_MS = 3 * 86_400_000;

export function checkServerCertificates(
  { serverCertificate, listenerCertificates }: Pick<Status, 'serverCertificate' | 'listenerCertificates'>,
  now: Date,
): Finding[] {
  const others = Object.entries(listenerCertificates).flatMap(([name, { notAfter }]) =>
    notAfter === null || notAfter === undefined ? [] : [[name, notAfter] as const],
  );
  const all = [[serverCertificate.names[0] ?? 'the server', serverCertificate.notAfter] as const, ...others];
  return all.map(([name, notAfter]) => {
    const left = Date.parse(notAfter) - now.getTime();
    const fix = 'the server renews it automatically: see its log, and check the clock';
    if (left < 0)
      return problem('certificates', `the certificate of ${name} expired ${span(-left)} ago`, fix);
    if (left < SOON_MS)
      return warning('certificates', `the certificate of ${name} has ${span(left)} left`, fix);
    return ok('certificates', `${name}: ${span(left)} left`);
  });
}

const REACH_SECONDS = 5;

/** With our own root, as a client would. */
async function checkReach({ gateway, control, rootCertificate }: Status): Promise<Finding[]> {
  const ca = await readFile(rootCertificate, 'utf8').catch(() => undefined);
  if (ca === undefined)
    return [warning('reach', `${rootCertificate} cannot be read`, 'use the account of the server')];
  return Promise.all(
    [gateway, control].map(async (address) => {
      const { hostname, port } = new URL(address);
      const host = hostname.replace(/^\[|\]$/g, '');
      try {
        (await connectTls({ host, port: Number(port), ca, connectSeconds: REACH_SECONDS })).destroy();
        return ok('reach', `${address} answers, with a certificate that is trusted`);
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        return problem('reach', message, 'see what the server presents', `gatehouse inspect ${host}:${port}`);
      }
    }),
  );
}

const BACKUP_COMMAND = 'gatehouse backup gatehouse.backup --passphrase-file backup.passphrase --force';
const BACKUP_SOON_MS = 7 * 86_400_000;

async function checkBackups(context: CliContext, folder: string, now: Date): Promise<Finding[]> {
  const filter = { type: 'server.backup_started' };
  const { entries } = await withTransport(context, { data: folder }, (transport) =>
    readLedger(transport, { limit: 1, filter }),
  );
  const last = entries.at(-1)?.time;
  if (last === undefined)
    return [
      warning(
        'backup',
        'no backup has been made yet',
        'make a backup, and store it elsewhere',
        BACKUP_COMMAND,
      ),
    ];
  const age = now.getTime() - Date.parse(last);
  if (age <= BACKUP_SOON_MS) return [ok('backup', `the last one is ${span(age)} old`)];
  return [
    warning(
      'backup',
      `the last one is ${span(age)} old`,
      'make a backup, and store it elsewhere',
      BACKUP_COMMAND,
    ),
  ];
}

/** The file of `--backup`. */
export async function checkBackupFile(path: string, oldestSeconds: number, now: Date): Promise<Finding> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined)
    return problem('backup', `there is no file ${path}`, 'make a backup', BACKUP_COMMAND);
  const age = now.getTime() - found.mtimeMs;
  if (age > oldestSeconds * 1000)
    return problem('backup', `${path} is ${span(age)} old`, 'make a new backup', BACKUP_COMMAND);
  return ok('backup', `${path} is ${span(age)} old`);
}
