// Certificates over time: kill -9 loses no acknowledged one, and expiring ones are renewed in time.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { TestContext } from 'node:test';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { connect } from 'node:tls';
import { readCertificates, verifyCertificate } from '@gatehouse/x509';
import { eventually } from '../support/conditions.ts';
import type { Up } from '../support/gatehouse-command.ts';
import { gatehouse, oneLine, up } from '../support/gatehouse-command.ts';
import { freePorts } from '../support/ports.ts';
import { COMMAND } from '../support/program.ts';
import { fetchRevocationList, revocationOf, serialOf } from '../support/revocation.ts';

const OK = 0;
const FAILED = 1;
const CONNECT = 3;
/** For acts that are slow on a busy machine. */
const PATIENCE_MS = 60_000;
/** A list is made again after some seconds. */
const BETWEEN_LISTS_MS = 200;

interface Issued {
  serial: string;
  /** Certificate and key. */
  files: [string, string];
}

describe('kill -9', { concurrency: 3 }, () => {
  it('right after an answer loses no certificate and no revocation', async (t) => {
    const [data, folder] = [temporaryFolder(t), temporaryFolder(t)];
    const [pki] = await freePorts(1);
    const set = [`pki.listen=127.0.0.1:${pki}`];
    const killed = await up({ data, set });
    const revoked = await issue(killed, folder, 'stolen.example');
    const acknowledged = await issueUntilKilled(killed, folder, async () => {
      await killed.json('cert', 'revoke', revoked.serial, '--reason', 'keyCompromise');
    });
    const offline = ['cert', 'issue', 'offline.example', '--out', folder, '--data', data];
    const refused = await gatehouse(offline);
    assert.equal(refused.status, CONNECT);
    assert.match(oneLine(refused), /^gatehouse: /);

    const restarted = await up({ data, set });
    t.after(restarted.stop);
    const inventory = await restarted.json<{ serial: string; status: string }[]>('cert', 'list');
    const status = new Map(inventory.map((each) => [each.serial, each.status]));
    for (const { serial, files } of acknowledged) {
      assert.equal(status.get(serial), 'valid');
      assert.equal(serialOf(readFileSync(files[0], 'utf8')), serial);
    }
    assert.equal(status.get(revoked.serial), 'revoked');
    const chain = readFileSync(revoked.files[0], 'utf8');
    const known = { list: 'certificate_revoked', ocsp: 'revoked', reason: 'keyCompromise' };
    assert.deepEqual(await revocationOf(chain, restarted.ca), known);
    assert.equal((await restarted.json<{ ok: boolean }>('audit', 'verify')).ok, true);
    // A server cannot start with a key without its certificate, or a certificate without its key.
    const names = readdirSync(folder).map((name) => name.replace(/\.(pem|key)$/, ''));
    assert.ok(names.every((name) => names.filter((each) => each === name).length === 2));
  });
});

describe('an older copy of the data folder', () => {
  it('refuses a certificate that it does not know, and revokes it by its file', async (t) => {
    const folder = temporaryFolder(t);
    const [data, copy] = [join(folder, 'data'), join(folder, 'copy')];
    mkdirSync(data);
    const [pki] = await freePorts(1);
    const set = [`pki.listen=127.0.0.1:${pki}`];
    const first = await up({ data, set });
    const known = await issue(first, folder, 'known', '--profile', 'client', '--role', 'user');
    await first.stop();
    cpSync(data, copy, { recursive: true });

    const second = await up({ data, set });
    const unknown = await issue(second, folder, 'unknown', '--profile', 'client', '--role', 'user');
    const [certificate] = readCertificates(readFileSync(unknown.files[0], 'utf8'));
    assert.ok(certificate);
    assert.equal(await requestWith(second, unknown), OK);
    await second.json('cert', 'revoke', known.serial);
    const { number = 0n } = await fetchRevocationList(certificate);
    await second.stop();

    rmSync(data, { recursive: true });
    cpSync(copy, data, { recursive: true });
    const restored = await up({ data, set });
    t.after(restored.stop);
    assert.equal(await requestWith(restored, known), OK, 'the copy does not know that it was revoked');
    assert.notEqual(await requestWith(restored, unknown), OK);
    assert.ok(((await fetchRevocationList(certificate)).number ?? 0n) > number);
    const bySerial = await restored.command(['cert', 'revoke', unknown.serial]);
    assert.match(oneLine(bySerial), /There is no certificate/);
    const revoked = await restored.json<{ status: string; source: string }>(
      'cert',
      'revoke',
      unknown.files[0],
    );
    assert.deepEqual([revoked.status, revoked.source], ['revoked', 'recovered']);
    const { list, ocsp } = await revocationOf(readFileSync(unknown.files[0], 'utf8'), restored.ca);
    assert.deepEqual([list, ocsp], ['certificate_revoked', 'revoked']);
  });
});

/** The exit status of a request to the gateway with a client certificate. */
async function requestWith({ ready, port }: Up, { files: [certificate, key] }: Issued): Promise<unknown> {
  const identity = ['--cert', certificate, '--cert-key', key, '--cacert', ready.rootCertificate];
  const { status } = await gatehouse(['request', `https://localhost:${port}/user`, '--check', ...identity]);
  return status;
}

describe('an expiring certificate', { concurrency: 3 }, () => {
  it('is renewed in time by cert renew --watch, which runs a command after it, until SIGTERM', async (t) => {
    const folder = temporaryFolder(t);
    const server = await up({ set: ['gateway.workers=1'] });
    t.after(server.stop);
    const { files, serial } = await issue(server, folder, 'watched.example', '--lifetime', '3s');
    const hook = join(folder, 'reload');
    writeFileSync(hook, `#!/bin/sh\necho "$1 $RENEWED_CERTIFICATE $RENEWED_KEY" >>'${folder}/told'\n`);
    chmodSync(hook, 0o700);
    const follow = ['--watch', '--exec', `${hook} again`, '--data', server.data];
    const watch = spawn(COMMAND, ['cert', 'renew', files[0], ...follow]);
    t.after(() => watch.kill('SIGKILL'));
    const output = Promise.all([text(watch.stdout), text(watch.stderr)]);
    const told = () => readdirSync(folder).includes('told');
    await eventually('the command that follows', told, PATIENCE_MS);
    assert.equal(readFileSync(join(folder, 'told'), 'utf8'), `again ${files.join(' ')}\n`);
    const chain = readFileSync(files[0], 'utf8');
    assert.notEqual(serialOf(chain), serial);
    verifyCertificate({ certificate: chain, roots: server.ca, at: new Date(), name: 'watched.example' });
    watch.kill('SIGTERM');
    const [status] = (await once(watch, 'exit')) as [number];
    assert.equal(status, OK, (await output).join());
  });

  it('and revocation lists and OCSP answers are made again before they expire', async (t) => {
    const server = await up({ set: ['ca.crlLifetime=4s', 'ca.ocspLifetime=4s', 'gateway.workers=1'] });
    t.after(server.stop);
    const chain = await presentedBy(server);
    const [leaf] = readCertificates(chain);
    assert.ok(leaf);
    const seen = new Set<bigint | undefined>();
    await eventually('a third list', async () => {
      assert.deepEqual(await revocationOf(chain, server.ca), {
        list: 'good',
        ocsp: 'good',
        reason: undefined,
      });
      seen.add((await fetchRevocationList(leaf)).number);
      await delay(BETWEEN_LISTS_MS);
      return seen.size >= 3;
    });
    const numbers = [...seen].map(Number);
    assert.deepEqual(
      numbers,
      numbers.toSorted((one, other) => one - other),
    );
  });
});

function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-certificates-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function issue(server: Up, folder: string, ...args: string[]): Promise<Issued> {
  return server.json<Issued>('cert', 'issue', ...args, '--out', folder);
}

/** Issues with several commands at a time; runs `last` and kills the server when some were acknowledged. */
async function issueUntilKilled(server: Up, folder: string, last: () => Promise<void>): Promise<Issued[]> {
  const acknowledged: Issued[] = [];
  const streams = [1, 2].map(async (stream) => {
    for (let number = 1; ; number += 1) {
      const name = `host-${stream}-${number}.example`;
      const outcome = await server.command(['cert', 'issue', name, '--out', folder, '--json']);
      if (outcome.status !== OK) return outcome;
      acknowledged.push(JSON.parse(outcome.stdout) as Issued);
    }
  });
  await eventually('some certificates', () => acknowledged.length >= 4, PATIENCE_MS);
  await last();
  process.kill(server.pid, 'SIGKILL');
  for (const outcome of await Promise.all(streams)) {
    assert.ok(outcome.status === FAILED || outcome.status === CONNECT, `exit status ${outcome.status}`);
    assert.match(oneLine(outcome), /^\{"error":/);
  }
  await server.ended;
  return acknowledged;
}

/** PEM of the certificate that the gateway presents to a new connection. */
function presentedBy({ port, ca }: Up): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port, servername: 'localhost', ca });
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.once('secureConnect', () => {
      const leaf = socket.getPeerX509Certificate();
      socket.destroy();
      resolve(`${leaf}${leaf?.issuerCertificate}`);
    });
  });
}
