// Backup and restore (docs/backup.md): a backup during writes is complete, and a restored server refuses
// revoked credentials.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once as onceEmitted } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, describe, it } from 'node:test';
import type { ParsedRevocationList } from '@gatehouse/x509';
import { readCertificates } from '@gatehouse/x509';
import { adminOf } from '../support/admin-api.ts';
import { createBench, idOf, RECIPIENT } from '../support/backup-bench.ts';
import { issue } from '../support/certificates.ts';
import { eventually } from '../support/conditions.ts';
import type { Up } from '../support/gatehouse-command.ts';
import { gatehouse, oneLine, run, signIn } from '../support/gatehouse-command.ts';
import { ask } from '../support/https-client.ts';
import { PROGRAM } from '../support/program.ts';
import { without } from '../support/programs.ts';
import { fetchRevocationList } from '../support/revocation.ts';

const FAILED = 1;
const age = { skip: without('age') };

/** 502: the credential was accepted, and there is no upstream. */
async function statusWith(server: Up, key: string): Promise<number> {
  return (await ask({ ...server, path: '/', headers: { 'x-api-key': key } })).status;
}

const ADMITTED = 502;
const REFUSED = 401;

/** Creates keys, several at a time, until it is stopped. */
function startWriting(data: string) {
  const admin = adminOf(data);
  const acknowledged: string[] = [];
  let isHalted = false;
  const streams = [1, 2, 3, 4].map(async (stream) => {
    for (let number = 1; !isHalted; number += 1)
      acknowledged.push(
        String((await admin('POST', '/admin/keys', { name: `w${stream}-${number}`, roles: ['user'] })).key),
      );
  });
  const halt = async () => {
    isHalted = true;
    await Promise.all(streams);
  };
  return { acknowledged, halt };
}

function listFor({ cert }: { cert: string }): Promise<ParsedRevocationList> {
  const [certificate] = readCertificates(cert);
  return fetchRevocationList(certificate ?? assert.fail('no certificate'));
}

const ends: (() => unknown)[] = [];
after(async () => {
  for (const end of ends) await end();
});

/** A bench with a running server, for the tests that do not change them. */
const shared = once(async () => {
  const bench = await createBench({ after: (end) => void ends.unshift(end as () => unknown) });
  return { bench, server: await bench.up() };
});

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}

describe('a machine that is lost', { concurrency: 1 }, () => {
  it('is restored from a backup that was made during writes, and revoked credentials stay refused', async (t) => {
    const bench = await createBench(t);
    const server = await bench.up();
    const admin = adminOf(bench.data);
    await admin('POST', '/admin/users', {
      name: 'alice',
      password: 'a long enough password',
      roles: ['user'],
    });
    const revoked = await server.key('user');
    await admin('DELETE', `/admin/keys/${idOf(revoked)}`);
    const certificate = await issue(bench.data, 'robot');
    await admin('POST', `/admin/certificates/${certificate.serial}/revoke`, { reason: 'superseded' });
    const writing = startWriting(bench.data);
    await eventually('some writes', () => writing.acknowledged.length >= 20);
    const before = [...writing.acknowledged];
    await bench.backup('one.backup', 'passphrase');
    assert.ok(writing.acknowledged.length > before.length, 'the server wrote meanwhile');
    await writing.halt();
    server.wrapper.kill('SIGKILL');
    process.kill(server.pid, 'SIGKILL');
    await server.ended;
    rmSync(bench.data, { recursive: true });

    const data = bench.file('new-machine');
    await bench.restore('one.backup', data, 'passphrase');
    const again = await bench.up(data);
    assert.equal(again.ready.rootFingerprint, server.ready.rootFingerprint);
    assert.equal(again.ca, server.ca);
    for (const key of before.slice(0, 5)) assert.equal(await statusWith(again, key), ADMITTED);
    const stored = new Set((await again.json<{ id: string }[]>('key', 'list')).map(({ id }) => id));
    assert.deepEqual(
      before.filter((key) => !stored.has(idOf(key))),
      [],
    );
    assert.equal(await statusWith(again, revoked), REFUSED);
    const list = await listFor(certificate);
    assert.ok(list.revoked.has(certificate.serial));
    await signIn(again, 'alice', 'a long enough password');
    const password = readFileSync(join(data, 'admin-password'), 'utf8').trim();
    await signIn(again, 'admin', password);
    assert.equal((await again.json<{ ok: boolean }>('audit', 'verify')).ok, true);
    const types = (await again.json<{ type: string }[]>('audit', 'tail', '-n', '1000')).map(
      ({ type }) => type,
    );
    assert.ok(types.includes('server.backup_started'));
    assert.ok(types.includes('audit.backup_restored'));
    assert.doesNotMatch(again.stderr(), /"level":"error"/);
  });

  it('leaves no certificate that cannot be revoked, and its lists continue to grow (RFC 5280 §5.2.3)', async (t) => {
    const bench = await createBench(t);
    const server = await bench.up();
    await bench.backup('one.backup');
    const admin = adminOf(bench.data);
    const later = await issue(bench.data, 'robot');
    const other = await issue(bench.data, 'robot');
    await admin('POST', `/admin/certificates/${other.serial}/revoke`, { reason: 'superseded' });
    const list = () => listFor(later);
    const numberBefore = (await list()).number ?? 0n;
    writeFileSync(bench.file('later.pem'), later.cert);
    await server.stop();
    const data = bench.file('new-machine');
    await bench.restore('one.backup', data);
    const again = await bench.up(data);
    assert.ok(((await list()).number ?? 0n) > numberBefore);
    const outcome = await again.command(['cert', 'revoke', bench.file('later.pem')]);
    assert.equal(outcome.status, 0, outcome.stderr);
    assert.ok((await list()).revoked.has(later.serial));
  });
});

describe('gatehouse backup', { concurrency: 1 }, () => {
  it('also copies the folder of a stopped server, and is the way back from a newer version', async (t) => {
    const bench = await createBench(t);
    const server = await bench.up();
    const key = await server.key('user');
    server.wrapper.kill('SIGKILL');
    process.kill(server.pid, 'SIGKILL');
    await server.ended;
    const { ledger } = await bench.backup('one.backup');
    // The result of a start of a newer version.
    const database = new DatabaseSync(join(bench.data, 'gatehouse.db'));
    database.exec(
      "INSERT INTO schema_migrations (name, applied_at) VALUES ('identity/9999-from-the-future', 0)",
    );
    database.close();
    await assert.rejects(
      bench.up(),
      /A newer Gatehouse wrote this data folder \(it has identity\/9999-from-the-future\)/,
    );
    const data = bench.file('copy');
    await bench.restore('one.backup', data);
    const again = await bench.up(data);
    assert.equal(await statusWith(again, key), ADMITTED);
    assert.ok(ledger.seq > 0);
  });

  it('leaves no file with the final name when it is killed, and the next one succeeds', async () => {
    const { bench } = await shared();
    const out = bench.file('out');
    mkdirSync(out);
    const args = [
      'backup',
      join(out, 'one.backup'),
      '--passphrase-file',
      bench.file('passphrase'),
      '--data',
      bench.data,
    ];
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', PROGRAM, ...args], {
      stdio: 'ignore',
    });
    const exited = onceEmitted(child, 'exit');
    await eventually('the temporary file', () => readdirSync(out).length > 0);
    child.kill('SIGKILL');
    await exited;
    assert.ok(!existsSync(join(out, 'one.backup')));
    await bench.backup('out/one.backup');
    const copies = () => readdirSync(bench.data).filter((name) => name.startsWith('backup-'));
    await eventually('the copy in the data folder to be gone', () => copies().length === 0);
  });

  it(
    'is made to a public key of age, and restored with the secret one or with age itself',
    age,
    async (t) => {
      const { folder, data, up } = await createBench(t);
      await (await up()).stop();
      const path = (name: string) => join(folder, name);
      await run('age-keygen', ['--output', path('key.txt')]);
      const { stdout: recipient } = await run('age-keygen', ['-y', path('key.txt')]);
      writeFileSync(path('recipients'), `# the office\n\n${recipient}`);
      const made = async (name: string, ...options: string[]) =>
        assert.equal((await gatehouse(['backup', path(name), '--data', data, ...options])).status, 0);
      await made('one', '--recipient', recipient.trim());
      await made('two', '--recipients-file', path('recipients'));
      for (const name of ['one', 'two']) {
        const restored = path(`${name}-restored`);
        const identity = ['--identity-file', path('key.txt')];
        const outcome = await gatehouse(['restore', path(name), '--data', restored, ...identity]);
        assert.equal(outcome.status, 0, outcome.stderr);
        assert.deepEqual(readFileSync(join(restored, 'master.key')), readFileSync(join(data, 'master.key')));
      }
      const opened = await run('age', [
        '--decrypt',
        '--identity',
        path('key.txt'),
        '--output',
        path('tar'),
        path('one'),
      ]);
      assert.equal(opened.status, 0, opened.stderr);
      assert.match(readFileSync(path('tar'), 'latin1'), /^\S*manifest/);
      const wrong = await gatehouse([
        'restore',
        path('one'),
        '--data',
        path('x'),
        '--passphrase-file',
        path('recipients'),
      ]);
      assert.equal(wrong.status, FAILED);
      const both = ['--recipient', recipient.trim(), '--passphrase-file', path('key.txt')];
      assert.match((await gatehouse(['backup', path('three'), '--data', data, ...both])).stderr, /not both/);
      const bad = await gatehouse(['backup', path('three'), '--data', data, '--recipient', 'age1nonsense']);
      assert.match(oneLine(bad), /The recipient of a backup is "age1nonsense": give the public key age1/);
    },
  );

  it('does not replace a file without --force', async () => {
    const { bench } = await shared();
    const path = bench.file('mine.backup');
    writeFileSync(path, 'mine');
    const args = ['backup', path, '--recipient', RECIPIENT, '--data', bench.data];
    const refused = await gatehouse(args);
    assert.equal(refused.status, FAILED);
    assert.match(oneLine(refused), /already exists.*--force/);
    assert.equal((await gatehouse([...args, '--force'])).status, 0);
  });

  it('never sends the master key over the network, not even to an administrator', async () => {
    const { bench, server } = await shared();
    const token = await signIn(
      server,
      'admin',
      readFileSync(join(bench.data, 'admin-password'), 'utf8').trim(),
    );
    const { status, json } = await ask({
      port: server.controlPort,
      ca: server.ca,
      path: '/admin/backup',
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
    });
    assert.equal(status, 403);
    assert.match(String(json().detail), /A backup has the master key/);
  });
});

describe('gatehouse restore', { concurrency: 1 }, () => {
  it('refuses with a plain sentence, and leaves nothing behind', async () => {
    const { bench } = await shared();
    await bench.backup('secret.backup', 'passphrase');
    await bench.backup('one.backup');
    const whole = readFileSync(bench.file('one.backup'));
    writeFileSync(bench.file('wrong'), 'another passphrase\n', { mode: 0o600 });
    writeFileSync(bench.file('cut'), whole.subarray(0, whole.length - 1000));
    const altered = Buffer.from(whole);
    altered[whole.length >> 1] = (altered[whole.length >> 1] ?? 0) ^ 1;
    writeFileSync(bench.file('altered'), altered);
    writeFileSync(bench.file('other'), 'something else');
    const target = bench.file('target');
    const withKey = ['--identity-file', bench.file('identity')];
    const withPassphrase = (name: string) => ['--passphrase-file', bench.file(name)];
    const refusals: [file: string, protection: string[], data: string, words: RegExp][] = [
      [
        'secret.backup',
        withPassphrase('wrong'),
        target,
        /secret\.backup cannot be decrypted with this passphrase/,
      ],
      ['cut', withKey, target, /cut was altered or truncated/],
      ['altered', withKey, target, /altered was altered or truncated/],
      ['other', withPassphrase('passphrase'), target, /other is not a backup/],
      ['missing', withPassphrase('passphrase'), target, /cannot read .*missing: there is no such file/],
      ['one.backup', withKey, bench.data, /Another Gatehouse is running on the data folder/],
      ['one.backup', withKey, bench.folder, /has other files/],
    ];
    for (const [file, protection, data, words] of refusals) {
      const args = ['restore', bench.file(file), '--data', data, ...protection];
      const outcome = await gatehouse(args);
      assert.equal(outcome.status, FAILED, file);
      assert.match(oneLine(outcome), words);
      assert.ok(!existsSync(target));
    }
  });
});
