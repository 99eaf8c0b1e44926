// The time of a revocation: from the call of the admin API to a downloaded list that contains the
// certificate, with 17,000 revoked certificates before.
import { VERSION } from '@gatehouse/server';
import type { ParsedCertificate } from '@gatehouse/x509';
import { readCertificate, readCertificates, readRevocationList, verifySignature } from '@gatehouse/x509';
import type { AdminApi, IssuedAnswer } from '../../harness/admin-api.ts';
import { createAdminApi } from '../../harness/admin-api.ts';
import type { Area } from '../../harness/area.ts';
import type { Build } from '../../harness/builds.ts';
import { buildsOf } from '../../harness/builds.ts';
import type { GatehouseSite } from '../../harness/gatehouse-start.ts';
import { createAdminKey, dataFolder, startGatehouse } from '../../harness/gatehouse-start.ts';
import type { HttpConnection } from '../../harness/http-connection.ts';
import { createHttpConnection } from '../../harness/http-connection.ts';
import { cpuSecondsOf } from '../../harness/process-usage.ts';
import { markdownTable } from '../../harness/results-table.ts';
import { orderOfRound } from '../../harness/rounds.ts';
import type { RunningProgram } from '../../harness/running-program.ts';
import type { Scene } from '../../harness/scene.ts';
import { occasion, runPart } from '../../harness/scene.ts';
import { spreadOf } from '../../harness/statistics.ts';
import { revokeInStore } from './revoked-inventory.ts';

const REVOKED_BEFORE = 17_000;
const REVOCATIONS = 20;

export const area: Area = (options) =>
  runPart({ name: 'ca-crl', title: 'ca: revoke and publish' }, options, async (scene) => {
    const builds = buildsOf(options);
    const subjects: Subject[] = [];
    for (const build of builds) subjects.push(await startOne(build, scene));
    for (let round = 0; round < REVOCATIONS; round += 1) {
      for (const subject of orderOfRound(subjects, round)) await subject.revoke(round);
    }
    for (const { program } of subjects) program.assertRunning();
    return {
      paragraphs: [
        occasion(builds.map(({ name }) => ({ name, version: () => VERSION }))),
        conditions(Math.max(...subjects.map(({ measured }) => measured.octets))),
        markdownTable(
          ['contender', 'median ms', 'worst ms', 'until the answer, median ms', 'CPU ms each'],
          subjects.map(cells),
        ),
        'Vault: reported 2–3 s, not run here',
      ],
      isSound: true,
    };
  });

function cells({ name, measured: { times, cpuSeconds } }: Subject): string[] {
  const { median, most } = spreadOf(times.map(({ publishedMs }) => publishedMs));
  const revoked = spreadOf(times.map(({ revokedMs }) => revokedMs));
  const cpuMs = (cpuSeconds / times.length) * 1000;
  return [name, ...[median, most, revoked.median, cpuMs].map(milliseconds)];
}

interface Subject {
  name: string;
  program: RunningProgram;
  measured: Measured;
  /** Revokes the next of its certificates. */
  revoke(index: number): Promise<void>;
}

interface Measured {
  times: Time[];
  cpuSeconds: number;
  /** The size of the last list. */
  octets: number;
}

interface Time {
  /** Until the admin API has answered. */
  revokedMs: number;
  /** Until the downloaded list contains the certificate. */
  publishedMs: number;
}

async function startOne({ name, checkout }: Build, scene: Scene): Promise<Subject> {
  const site = { ...scene, folder: scene.folder('gatehouse'), checkout };
  const { key, certificates } = await prepare(site);
  const server = await startGatehouse(site, {});
  const api = createAdminApi(server, key);
  const pki = createHttpConnection({ host: 'localhost', port: Number(new URL(server.pki).port) });
  scene.stack.defer(() => {
    for (const connection of [api, pki]) connection.close();
  });
  let last = checkList(await download(pki, certificates[0]), certificates[0]);
  const measured: Measured = { times: [], cpuSeconds: 0, octets: 0 };
  return {
    name,
    program: server.program,
    measured,
    async revoke(index) {
      const certificate = certificates[index];
      if (!certificate) throw new TypeError('there is no such certificate');
      const before = cpuSecondsOf(server.program.pid);
      const { time, list } = await revokeOne({ api, pki }, certificate);
      measured.cpuSeconds += cpuSecondsOf(server.program.pid) - before;
      measured.times.push(time);
      measured.octets = list.length;
      const next = checkList(list, certificate);
      const isNext =
        next.number > last.number && next.size === last.size + 1 && next.names(certificate.serial);
      if (!isNext)
        throw new Error(`the list ${next.number} with ${next.size} entries does not follow ${last.number}`);
      last = next;
    },
  };
}

interface Prepared {
  key: string;
  certificates: IssuedAnswer[];
}

/**
 * Starts the server once, for the certificates to revoke, and fills its store with others while it does not
 * run.
 */
async function prepare(site: GatehouseSite): Promise<Prepared> {
  await using stack = new AsyncDisposableStack();
  const started = await startGatehouse({ ...site, stack }, {});
  const key = await createAdminKey(started.socket);
  const api = createAdminApi(started, key);
  const certificates: IssuedAnswer[] = [];
  for (let index = 0; index < REVOCATIONS; index += 1) {
    certificates.push(await api.issue(`host-${index}.example.com`));
  }
  api.close();
  await stack.disposeAsync();
  revokeInStore(dataFolder(site.folder), REVOKED_BEFORE);
  return { key, certificates };
}

async function revokeOne(
  { api, pki }: { api: AdminApi; pki: HttpConnection },
  certificate: IssuedAnswer,
): Promise<{ time: Time; list: Buffer }> {
  const serialNumber = Buffer.from(certificate.serial, 'hex');
  const start = performance.now();
  await api.revoke(certificate.serial, 'superseded');
  const revokedMs = performance.now() - start;
  for (;;) {
    const list = await download(pki, certificate);
    // Searches for the octets, so that the time of our reader does not count. The list is read and verified
    // afterwards.
    if (list.includes(serialNumber))
      return { time: { revokedMs, publishedMs: performance.now() - start }, list };
  }
}

async function download(pki: HttpConnection, certificate: IssuedAnswer | undefined): Promise<Buffer> {
  const [url] = readCertificate(certificate?.certificate ?? '').cRLDistributionPoints ?? [];
  if (url === undefined) throw new Error('the certificate names no revocation list');
  const { status, body } = await pki.exchange({ method: 'GET', target: new URL(url).pathname });
  if (status !== 200) throw new Error(`the list is answered with ${status}`);
  return body;
}

/** Throws unless the certificate's issuer has signed it and it has all expected entries. */
function checkList(octets: Buffer, certificate: IssuedAnswer | undefined) {
  const issuer: ParsedCertificate | undefined = readCertificates(certificate?.chain ?? '')[1];
  const list = readRevocationList(octets);
  if (!issuer || !verifySignature(list, issuer.spki)) throw new Error('the list is not signed by the issuer');
  if (list.revoked.size < REVOKED_BEFORE) throw new Error(`the list has only ${list.revoked.size} entries`);
  return {
    number: list.number ?? 0n,
    size: list.revoked.size,
    names: (serial: string) => list.revoked.has(serial),
  };
}

function milliseconds(value: number): string {
  return value.toFixed(1);
}

function conditions(octets: number): string {
  return [
    `${REVOKED_BEFORE.toLocaleString('en')} revoked certificates are written into the store before the start;`,
    `${REVOCATIONS} more, one after another; several builds take turns. From the call of the admin API over HTTPS until a list of ${octets.toLocaleString('en')} octets that`,
    'names the certificate is downloaded over HTTP; each list is then read, its number and its entries compared with the one before,',
    'and its signature verified. CPU time is that of the whole server, to a hundredth of a second.',
  ].join(' ');
}
