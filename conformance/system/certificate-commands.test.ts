// The commands for certificates on a whole server: certificates are issued, used by other programs, renewed
// over the socket, with a token and with the certificate itself, and revoked. Also an authority whose root is
// elsewhere.
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { gatehouse, type Outcome, oneLine, run, signIn, type Up, up } from '../support/gatehouse-command.ts';
import { startNginx } from '../support/nginx.ts';
import { freePorts } from '../support/ports.ts';
import { without } from '../support/programs.ts';

const PASSWORD = 'correct horse battery staple';
const CLIENT_IDENTITY = 7;
const needsOpenssl = without('openssl', 'version');

interface Certificate {
  serial: string;
  notAfter: string;
  names: string[];
  status: string;
  owner: { kind: string; name: string } | null;
  files: string[];
}

interface Authorities {
  authorities: { role: string; state: string; subject: string; keyOnline: boolean }[];
}

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-certificates-'));
const server = await up();
after(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe('cert issue', () => {
  it('makes a pair that openssl accepts for the names, with only the root as trusted', {
    skip: needsOpenssl,
  }, async () => {
    const { files, serial, names } = await issue('a.example', '127.0.0.1');
    assert.deepEqual(names, ['a.example', '127.0.0.1']);
    const [pem = '', key = ''] = files;
    const trust = [
      '-CAfile',
      server.ready.rootCertificate,
      '-untrusted',
      pem,
      '-x509_strict',
      '-purpose',
      'sslserver',
    ];
    for (const name of [
      ['-verify_hostname', 'a.example'],
      ['-verify_ip', '127.0.0.1'],
    ]) {
      assert.equal((await run('openssl', ['verify', ...trust, ...name, pem])).stdout, `${pem}: OK\n`);
    }
    const shown = await run('openssl', ['x509', '-in', pem, '-noout', '-serial']);
    assert.equal(shown.stdout.trim().toLowerCase(), `serial=${serial}`);
    await assertPair(pem, key);
  });

  it('makes a pair for nginx that curl accepts', {
    skip: without('nginx', '-v') || without('curl'),
  }, async () => {
    const { files } = await issue('localhost');
    const [certificate = '', key = ''] = files;
    const [port = 0] = await freePorts(1);
    const nginx = await startNginx({ folder: mkdtempSync(join(folder, 'nginx-')), port, certificate, key });
    try {
      const url = `https://localhost:${port}/`;
      const outcome = await run('curl', ['--silent', '--cacert', server.ready.rootCertificate, url]);
      assert.equal(outcome.stdout, 'served by nginx');
      const stranger = await run('curl', ['--silent', url]);
      assert.equal(stranger.status, 60);
    } finally {
      await nginx.stop();
    }
  });

  it('refuses names, lifetimes and requests outside the profile in one line, and leaves no file', async () => {
    const before = readdirSync(folder);
    for (const [args, expected] of [
      [['b.example', '--lifetime', '300d'], /longer/],
      [['not a name'], /NAME/],
      [['b.example', '--profile', 'nothing'], /There is no profile nothing/],
      [['b.example', '--role', 'admin'], /roles/],
    ] as const) {
      const outcome = await server.command(['cert', 'issue', ...args, '--out', folder]);
      assert.notEqual(outcome.status, 0);
      assert.match(oneLine(outcome), expected);
    }
    assert.deepEqual(readdirSync(folder), before);
  });
});

describe('cert renew', () => {
  it('over the socket: a new pair with the same names', { skip: needsOpenssl }, async () => {
    const old = await issue('renewed.example');
    const renewed = await server.json<Certificate>('cert', 'renew', old.files[0] ?? '');
    assert.deepEqual(renewed.names, old.names);
    assert.notEqual(renewed.serial, old.serial);
    await assertPair(renewed.files[0] ?? '', renewed.files[1] ?? '');
  });

  it('with the certificate itself, over mutual TLS, unless it is revoked', async () => {
    const old = await issue('robot', '--profile', 'client', '--role', 'user');
    assert.deepEqual(old.owner, { kind: 'service', name: 'robot' });
    const [pem = ''] = old.files;
    const args = [
      'cert',
      'renew',
      pem,
      '--server',
      server.ready.control,
      '--cacert',
      server.ready.rootCertificate,
    ];
    const renewed = await gatehouse([...args, '--json']);
    assert.equal(renewed.status, 0, renewed.stderr);
    assert.deepEqual((JSON.parse(renewed.stdout) as Certificate).owner, old.owner);
    await server.command(['cert', 'revoke', pem, '--reason', 'superseded']);
    const refused = await gatehouse(args);
    assert.equal(refused.status, CLIENT_IDENTITY);
    assert.match(oneLine(refused), /revoked/);
  });

  it('with a token, from another machine', async () => {
    await server.command(['user', 'password', 'admin', '--password-stdin'], { input: PASSWORD });
    const tokenFile = join(folder, 'token');
    writeFileSync(tokenFile, await signIn(server, 'admin', PASSWORD), { mode: 0o600 });
    const { files, serial } = await issue('elsewhere.example');
    const where = ['--server', server.ready.control, '--cacert', server.ready.rootCertificate];
    const outcome = await gatehouse([
      'cert',
      'renew',
      files[0] ?? '',
      '--json',
      '--token-file',
      tokenFile,
      ...where,
    ]);
    assert.equal(outcome.status, 0, outcome.stderr);
    assert.notEqual((JSON.parse(outcome.stdout) as Certificate).serial, serial);
  });
});

describe('cert revoke, show and list', () => {
  it('agree about a certificate before and after', async () => {
    const { files, serial } = await issue('short.example');
    const [pem = ''] = files;
    assert.equal((await server.json<Certificate>('cert', 'show', pem)).status, 'valid');
    assert.ok((await list('--status', 'valid', '--expiring', '2d')).includes(serial));
    assert.ok(!(await list('--expiring', '1h')).includes(serial));
    const revoked = await server.json<Certificate>(
      'cert',
      'revoke',
      serial.toUpperCase(),
      '--reason',
      'keyCompromise',
    );
    assert.deepEqual([revoked.serial, revoked.status], [serial, 'revoked']);
    assert.equal((await server.json<Certificate>('cert', 'show', serial)).status, 'revoked');
    assert.ok((await list('--status', 'revoked')).includes(serial));
    const again = await server.command(['cert', 'revoke', serial]);
    assert.match(failure(again), /already revoked/);
    assert.match(
      failure(await server.command(['cert', 'show', 'deadbeefdeadbeef'])),
      /no certificate deadbeef/,
    );
  });

  it('list has each issued certificate once', async () => {
    const issued = [await issue('one.example'), await issue('two.example')];
    const all = await list();
    assert.equal(new Set(all).size, all.length);
    for (const { serial } of issued) assert.ok(all.includes(serial), serial);
  });
});

describe('ca', () => {
  it('fingerprint and status agree', async () => {
    const { rootFingerprint } = server.ready;
    const { roots } = await server.json<{ roots: { pin: string }[] }>('ca', 'fingerprint');
    assert.deepEqual(
      roots.map(({ pin }) => pin),
      [rootFingerprint],
    );
  });

  it('rotate does not end the certificates of the old intermediate', { skip: needsOpenssl }, async () => {
    const { files } = await issue('before.example');
    const { authorities } = await server.json<Authorities>('ca', 'rotate');
    assert.deepEqual(
      authorities.filter(({ role }) => role === 'intermediate').map(({ state }) => state),
      ['active', 'retired'],
    );
    const next = await issue('after.example');
    for (const pem of [files[0] ?? '', next.files[0] ?? '']) {
      const args = ['verify', '-CAfile', server.ready.rootCertificate, '-untrusted', pem, pem];
      assert.equal((await run('openssl', args)).stdout, `${pem}: OK\n`);
    }
  });

  it('request and import use a root that is elsewhere', async () => {
    const own = await up();
    try {
      await importRoot(own);
    } finally {
      await own.stop();
    }
  });
});

/** All steps of docs/ca.md. */
async function importRoot(own: Up): Promise<void> {
  const path = (name: string) => join(folder, `offline-${name}`);
  const must = async (...args: string[]) => {
    const outcome = await gatehouse(
      [...args, '--data', own.data].slice(0, args[0] === 'pki' ? args.length : undefined),
    );
    assert.equal(outcome.status, 0, `${args.join(' ')}: ${outcome.stderr}`);
  };
  await must('pki', 'key', '--out', path('root.key'));
  await must(
    'pki',
    'ca',
    '--key',
    path('root.key'),
    '--out',
    path('root.pem'),
    '--common-name',
    'Offline Root',
  );
  await must('ca', 'request', '--out', path('csr.pem'));
  const authority = ['--ca', path('root.pem'), '--ca-key', path('root.key')];
  await must(
    'pki',
    'sign',
    path('csr.pem'),
    '--profile',
    'intermediate',
    ...authority,
    '--out',
    path('int.pem'),
  );
  const importing = ['ca', 'import', '--intermediate', path('int.pem'), '--roots', path('root.pem')];
  assert.match(failure(await own.command(importing)), /destroys the key of the root .*--destroy-root-key/);
  await must(...importing, '--destroy-root-key');
  await must('cert', 'issue', 'imported.example', '--out', folder);
  const leaf = join(folder, 'imported.example.pem');
  await must(
    'pki',
    'verify',
    leaf,
    '--roots',
    path('root.pem'),
    '--purpose',
    'server',
    '--name',
    'imported.example',
  );
  assert.match(failure(await own.command(['ca', 'rotate'])), /stored elsewhere/);
}

function issue(...args: string[]): Promise<Certificate> {
  return server.json<Certificate>('cert', 'issue', ...args, '--out', folder);
}

async function list(...filters: string[]): Promise<string[]> {
  const found = await server.json<Certificate[]>('cert', 'list', ...filters);
  return found.map(({ serial }) => serial);
}

function failure(outcome: Outcome): string {
  assert.equal(outcome.status, 1);
  return oneLine(outcome);
}

async function assertPair(pem: string, key: string): Promise<void> {
  const ofCertificate = await run('openssl', ['x509', '-in', pem, '-noout', '-pubkey']);
  const ofKey = await run('openssl', ['pkey', '-in', key, '-pubout']);
  assert.equal(ofCertificate.stdout, ofKey.stdout);
}
