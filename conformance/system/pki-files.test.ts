// The file tools together with other programs: openssl, certtool, Python's ssl and curl read our files, and
// we read theirs.
import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { gatehouse, type Outcome, oneLine, run } from '../support/gatehouse-command.ts';
import { startProgram, without, withoutPython } from '../support/programs.ts';

const OK = 0;
const FAILED = 1;
const USAGE = 2;
const TLS_TRUST = 5;

const PASSPHRASE = 'correct horse, battery staple';
const H4_FILES = [
  'ca-private-key.pem',
  'ca-public-key.pem',
  'server-csr.pem',
  'server-private-key.pem',
  'server-public-key.pem',
];
const SUBJECT = ['--country', 'US', '--state', 'Maryland', '--locality', 'Baltimore'];

const skipOpenssl = without('openssl', 'version');
const folder = mkdtempSync(join(tmpdir(), 'gatehouse-pki-'));
after(() => rmSync(folder, { recursive: true, force: true }));

before(async () => {
  write('passphrase', `${PASSPHRASE}\n`);
  write('wrong', 'something else\n');
  await makeH4Files();
});

describe('five commands', () => {
  it('make the five files: a CA with an encrypted key, a request, and a certificate', () => {
    for (const name of H4_FILES) assert.ok(existsSync(path(name)), name);
    for (const name of ['ca-private-key.pem', 'server-private-key.pem']) {
      assert.match(read(name), /^-----BEGIN ENCRYPTED PRIVATE KEY-----\n/);
      assert.equal(statSync(path(name)).mode & 0o777, 0o600);
    }
  });

  it('make a chain, a signed request and keys that openssl accepts strictly', {
    skip: skipOpenssl,
  }, async () => {
    const strict = ['-x509_strict', '-purpose', 'sslserver', '-verify_hostname', 'localhost'];
    await openssl('verify', ...strict, '-CAfile', 'ca-public-key.pem', 'server-public-key.pem');
    const { stderr } = await openssl('req', '-verify', '-noout', '-in', 'server-csr.pem');
    assert.match(stderr, /verify OK/);
    const text = (await openssl('x509', '-noout', '-text', '-in', 'server-public-key.pem')).stdout;
    assert.match(text, /Issuer: C = US, ST = Maryland, L = Baltimore, O = My CA Company, CN = my-ca\.com/);
    assert.match(text, /Subject: C = US, ST = Maryland, L = Baltimore, O = My Company, CN = my-site\.com/);
    assert.match(text, /DNS:my-site\.com, DNS:localhost/);
  });

  it('encrypt keys with AES-256 and 600,000 rounds (RFC 8018 §6.2)', { skip: skipOpenssl }, async () => {
    await openssl('pkey', '-in', 'ca-private-key.pem', '-passin', 'file:passphrase', '-noout');
    const { stdout } = await openssl('asn1parse', '-in', 'ca-private-key.pem');
    assert.match(stdout, /:aes-256-cbc/);
    assert.match(stdout, /:hmacWithSHA256/);
    const rounds = [...stdout.matchAll(/INTEGER\s+:([0-9A-F]+)/g)].map(([, hex]) =>
      Number.parseInt(hex ?? '', 16),
    );
    assert.ok(rounds.some((count) => count >= 600_000));
  });

  it('make a chain that certtool accepts', { skip: without('certtool') }, async () => {
    const args = [
      '--verify',
      '--load-ca-certificate',
      'ca-public-key.pem',
      '--infile',
      'server-public-key.pem',
    ];
    const { status, stdout } = await run('certtool', [...args, '--verify-hostname', 'localhost'], {
      cwd: folder,
    });
    assert.equal(status, OK, stdout);
    assert.match(stdout, /Verified\. The certificate is trusted/);
  });
});

describe('a server with that certificate', { skip: withoutPython(['ssl'], 'python3') }, () => {
  const SERVER = `
import http.server, ssl
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header('Content-Length', '12')
        self.end_headers()
        self.wfile.write(b'fluffy tail\\n')
    def log_message(self, *args): pass
server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain('server-public-key.pem', 'server-private-key.pem', open('passphrase').read().strip())
server.socket = context.wrap_socket(server.socket, server_side=True)
print('port', server.server_port, flush=True)
server.serve_forever()`;

  it('is trusted by clients that trust the CA, and refused with a reason by all others', async (t) => {
    write('server.py', `import os\nos.chdir(${JSON.stringify(folder)})\n${SERVER}`);
    const server = await startProgram('python3', [path('server.py')], /port (\d+)/);
    t.after(() => server.stop());
    const url = `https://localhost:${server.port}/`;
    const trusting = await gatehouse(['request', url, '--cacert', path('ca-public-key.pem')]);
    assert.deepEqual([trusting.status, trusting.stdout], [OK, 'fluffy tail\n']);
    const other = await gatehouse(['request', url, '--data-folder', folder]);
    assert.equal(other.status, TLS_TRUST);
    assert.match(oneLine(other), /no trusted root signed it/);
    const python = `import ssl, urllib.request as r; c = ssl.create_default_context(cafile='ca-public-key.pem'); print(r.urlopen('${url}', context=c).read())`;
    const peer = await run('python3', ['-c', python], { cwd: folder });
    assert.match(peer.stdout, /fluffy tail/, peer.stderr);
    if (without('curl') === false) {
      assert.equal((await run('curl', ['-s', '--cacert', path('ca-public-key.pem'), url])).status, OK);
      assert.equal((await run('curl', ['-s', url])).status, 60);
    }
  });
});

describe('openssl', { skip: skipOpenssl }, () => {
  it('wrote keys of every form, and requests from them are accepted', async () => {
    const forms: [string, string[]][] = [
      ['sec1.pem', ['ecparam', '-name', 'prime256v1', '-genkey', '-out', 'sec1.pem']],
      ['pkcs1.pem', ['genrsa', '-traditional', '-out', 'pkcs1.pem', '2048']],
      [
        'old.pem',
        ['genrsa', '-traditional', '-aes128', '-passout', 'file:passphrase', '-out', 'old.pem', '2048'],
      ],
      [
        'p384.pem',
        ['genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-384', '-out', 'p384.pem'],
      ],
      ['ed.der', ['genpkey', '-algorithm', 'ed25519', '-outform', 'DER', '-out', 'ed.der']],
      [
        'p8.pem',
        [
          'pkcs8',
          '-topk8',
          '-v2',
          'aes256',
          '-in',
          'sec1.pem',
          '-passout',
          'file:passphrase',
          '-out',
          'p8.pem',
        ],
      ],
    ];
    for (const [name, command] of forms) {
      await openssl(...command);
      const csr = ['csr', '--key', name, '--passphrase-file', 'passphrase', '--name', 'example.com'];
      await done(...csr, '--out', `${name}.csr`);
      assert.match((await openssl('req', '-verify', '-noout', '-in', `${name}.csr`)).stderr, /verify OK/);
    }
  });

  it('wrote a request: everything in it beyond its names is left out and reported', async () => {
    const extensions = [
      'subjectAltName=DNS:a.example,IP:10.0.0.1',
      'basicConstraints=critical,CA:TRUE',
      'keyUsage=keyCertSign',
    ];
    const add = extensions.flatMap((each) => ['-addext', each]);
    const subject = ['-subj', '/C=DE/O=Greedy/CN=a.example'];
    await openssl(
      'req',
      '-new',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-keyout',
      'greedy.key',
      ...subject,
      ...add,
      '-out',
      'greedy.csr',
    );
    const outcome = await sign('greedy.csr', '--out', 'greedy.pem');
    assert.equal(outcome.status, OK, outcome.stderr);
    assert.match(outcome.stderr, /greedy\.csr also asks for basicConstraints, keyUsage: left out\n/);
    const { stdout } = await openssl('x509', '-noout', '-text', '-in', 'greedy.pem');
    assert.match(stdout, /DNS:a\.example, IP Address:10\.0\.0\.1/);
    assert.match(stdout, /Subject: C = DE, O = Greedy, CN = a\.example/);
    assert.doesNotMatch(stdout, /CA:TRUE|Certificate Sign/);
  });

  it('wrote a subject that cannot be encoded: the refusal says how to give another', async () => {
    const request = [
      'req',
      '-new',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-keyout',
      'mail.key',
      '-out',
      'mail.csr',
    ];
    const subject = [
      '-subj',
      '/CN=mail/emailAddress=a@example.com',
      '-addext',
      'subjectAltName=DNS:mail.example',
    ];
    await openssl(...request, ...subject);
    const line = failure(await sign('mail.csr', '--out', 'mail.pem'), FAILED);
    assert.match(line, /mail\.csr: its subject cannot be written, .*give another subject with --common-name/);
    assert.equal((await sign('mail.csr', '--common-name', 'mail', '--out', 'mail.pem')).status, OK);
  });

  it('reads PKCS#12 that we wrote, and we read PKCS#12 that it wrote', async () => {
    const pair = [
      '--key',
      'server-private-key.pem',
      '--key-passphrase-file',
      'passphrase',
      '--cert',
      'server-public-key.pem',
    ];
    await done(
      'p12',
      'export',
      ...pair,
      '--chain',
      'ca-public-key.pem',
      '--passphrase-file',
      'passphrase',
      '--out',
      'ours.p12',
    );
    const listing = await openssl('pkcs12', '-in', 'ours.p12', '-passin', 'file:passphrase', '-nodes');
    assert.equal(listing.stdout.match(/BEGIN CERTIFICATE/g)?.length, 2);
    assert.match(listing.stdout, /BEGIN PRIVATE KEY/);
    await openssl(
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-keyout',
      'their.key',
      '-subj',
      '/CN=them',
      '-out',
      'their.pem',
    );
    const made = ['-export', '-inkey', 'their.key', '-in', 'their.pem', '-passout', 'file:passphrase'];
    for (const [name, options] of [
      ['new.p12', []],
      ['legacy.p12', ['-legacy', '-keypbe', 'PBE-SHA1-3DES', '-certpbe', 'PBE-SHA1-3DES']],
    ] as const) {
      await openssl('pkcs12', ...made, ...options, '-out', name);
      await done(
        'p12',
        'import',
        name,
        '--passphrase-file',
        'passphrase',
        '--key',
        `${name}.key`,
        '--cert',
        `${name}.pem`,
      );
      const modulus = async (key: string) => (await openssl('rsa', '-noout', '-modulus', '-in', key)).stdout;
      assert.equal(await modulus(`${name}.key`), await modulus('their.key'));
      assert.equal(read(`${name}.pem`), read('their.pem'));
    }
  });

  it('checks our revocation list, and refuses certificates on it', async () => {
    const crl = [
      'crl',
      '--ca',
      'ca-public-key.pem',
      '--ca-key',
      'ca-private-key.pem',
      '--passphrase-file',
      'passphrase',
    ];
    await done(...crl, '--out', 'empty.crl');
    await done(
      ...crl,
      '--previous',
      'empty.crl',
      '--revoke',
      'server-public-key.pem',
      '--reason',
      'keyCompromise',
      '--out',
      'full.crl',
    );
    const { stderr, stdout } = await openssl(
      'crl',
      '-in',
      'full.crl',
      '-noout',
      '-text',
      '-CAfile',
      'ca-public-key.pem',
    );
    assert.match(stderr, /verify OK/);
    assert.match(stdout, /Key Compromise/);
    const check = ['verify', '-crl_check', '-x509_strict', '-CAfile', 'ca-public-key.pem', '-CRLfile'];
    await openssl(...check, 'empty.crl', 'server-public-key.pem');
    const refused = await run('openssl', [...check, 'full.crl', 'server-public-key.pem'], { cwd: folder });
    assert.notEqual(refused.status, OK);
    assert.match(refused.stderr, /certificate revoked/);
    const ours = ['verify', 'server-public-key.pem', '--roots', 'ca-public-key.pem', '--crl'];
    await done(...ours, 'empty.crl');
    assert.match(failure(await pki(...ours, 'full.crl'), FAILED), /revoked/);
  });

  it('agrees with us on name constraints, and we do not sign other names (RFC 5280 §4.2.1.10)', async () => {
    const subject = ['-nodes', '-keyout', 'home-leaf.key', '-subj', '/CN=x'];
    await openssl('req', '-new', '-newkey', 'rsa:2048', ...subject, '-out', 'from-openssl.csr');
    await done('key', '--out', 'home.key');
    const names = ['--permit', 'home.example', '--exclude', 'no.home.example'];
    await done('ca', '--key', 'home.key', '--common-name', 'Home', ...names, '--out', 'home.pem');
    const cases: [string, boolean][] = [
      ['DNS:a.home.example', true],
      ['DNS:home.example', true],
      ['DNS:home.example.org', false],
      ['DNS:a.no.home.example', false],
      ['IP:10.1.2.3', false],
      ['IP:2001:db8::1', false],
    ];
    for (const [name, isAllowed] of cases) {
      const expected = isAllowed ? OK : FAILED;
      const under = ['--ca', 'home.pem', '--ca-key', 'home.key', '--common-name', 'x', '--name', name];
      const signed = await pki('sign', 'from-openssl.csr', ...under, '--out', 'home-leaf.pem', '--force');
      assert.equal(signed.status, expected, `${name}: ${signed.stderr}`);
      write('san.cnf', `subjectAltName=${name}\n`);
      const request = ['-req', '-in', 'from-openssl.csr', '-CA', 'home.pem', '-CAkey', 'home.key'];
      await openssl('x509', ...request, '-CAcreateserial', '-extfile', 'san.cnf', '-out', 'bold.pem');
      const theirs = await run('openssl', ['verify', '-CAfile', 'home.pem', 'bold.pem'], { cwd: folder });
      assert.equal(theirs.status === OK, isAllowed, `${name}: ${theirs.stderr}`);
      assert.equal((await pki('verify', 'bold.pem', '--roots', 'home.pem')).status, expected, name);
    }
  });
});

describe('a hierarchy of three', () => {
  for (const type of ['P-384', 'Ed25519', 'RSA-2048', 'ML-DSA-65']) {
    it(`of ${type} verifies here, and in openssl if it supports the kind`, async () => {
      mkdirSync(path(type));
      const name = (file: string) => join(type, file);
      for (const key of ['root.key', 'middle.key', 'leaf.key'])
        await done('key', '--type', type, '--out', name(key));
      await done('ca', '--key', name('root.key'), '--common-name', 'Root', '--out', name('root.pem'));
      await done('csr', '--key', name('middle.key'), '--common-name', 'Middle', '--out', name('middle.csr'));
      const byRoot = ['--ca', name('root.pem'), '--ca-key', name('root.key'), '--profile', 'intermediate'];
      await done('sign', name('middle.csr'), ...byRoot, '--out', name('middle.pem'));
      await done('csr', '--key', name('leaf.key'), '--name', 'example.com', '--out', name('leaf.csr'));
      const byMiddle = [
        '--ca',
        name('middle.pem'),
        '--ca-key',
        name('middle.key'),
        '--profile',
        'both',
        '--chain',
      ];
      await done('sign', name('leaf.csr'), ...byMiddle, '--out', name('leaf.pem'));
      const roots = ['--roots', name('root.pem'), '--name', 'example.com'];
      for (const purpose of ['server', 'client'])
        await done('verify', name('leaf.pem'), ...roots, '--purpose', purpose);
      if (skipOpenssl !== false || type.startsWith('ML-DSA')) return;
      const chain = ['-untrusted', name('middle.pem'), '-CAfile', name('root.pem')];
      await openssl('verify', '-x509_strict', '-purpose', 'sslclient', ...chain, name('leaf.pem'));
    });
  }
});

describe('mistakes end in one line and leave no incomplete file:', () => {
  it('the wrong passphrase, another key, an existing file', async () => {
    const files = readdirSync(folder).sort();
    const secret = ['--passphrase-file', 'passphrase'];
    const authority = ['--ca', 'ca-public-key.pem', '--ca-key'];
    const lines: [string[], number, RegExp][] = [
      [
        [
          'csr',
          '--key',
          'ca-private-key.pem',
          '--passphrase-file',
          'wrong',
          '--name',
          'a.example',
          '--out',
          'x',
        ],
        FAILED,
        /ca-private-key\.pem: .*passphrase/,
      ],
      [
        ['csr', '--key', 'ca-private-key.pem', '--name', 'a.example', '--out', 'x'],
        USAGE,
        /give --passphrase-file/,
      ],
      [
        ['sign', 'server-csr.pem', ...authority, 'server-private-key.pem', ...secret, '--out', 'x'],
        FAILED,
        /is not the private key of ca-public-key\.pem/,
      ],
      [
        [
          'sign',
          'server-csr.pem',
          ...authority,
          'ca-private-key.pem',
          ...secret,
          '--out',
          'server-csr.pem',
          '--force',
        ],
        USAGE,
        /that the command reads/,
      ],
      [['key', '--out', 'ca-private-key.pem'], FAILED, /already exists/],
      [['key', '--out', 'x', '--public', 'ca-public-key.pem'], FAILED, /already exists/],
    ];
    for (const [args, status, expected] of lines) assert.match(failure(await pki(...args), status), expected);
    assert.deepEqual(readdirSync(folder).sort(), files);
  });

  it('truncated, huge and foreign files', async () => {
    write('cut.pem', read('ca-public-key.pem').slice(0, 300));
    write('huge.pem', Buffer.alloc(11 * 1024 * 1024, 'A'));
    write('binary', Buffer.from(Array.from({ length: 512 }, (_, index) => (index * 167) % 256)));
    const lines: [string[], RegExp][] = [
      [['show', 'cut.pem'], /^gatehouse: cut\.pem: /],
      [['show', 'huge.pem'], /larger than 10 MiB/],
      [['show', 'binary'], /^gatehouse: binary/],
      [['show', '.'], /it is a folder/],
      [['verify', 'cut.pem', '--roots', 'ca-public-key.pem'], /^gatehouse: cut\.pem: /],
      [['bundle', 'ca-public-key.pem', 'server-public-key.pem', '--out', 'x'], /not an authority/],
    ];
    for (const [args, expected] of lines) assert.match(failure(await pki(...args), FAILED), expected);
    assert.equal(existsSync(path('x')), false);
  });
});

async function makeH4Files(): Promise<void> {
  const secret = ['--passphrase-file', 'passphrase'];
  const caKey = ['--key', 'ca-private-key.pem', ...secret];
  const serverKey = ['--key', 'server-private-key.pem', ...secret];
  const caSubject = [...SUBJECT, '--organization', 'My CA Company', '--common-name', 'my-ca.com'];
  const serverSubject = [...SUBJECT, '--organization', 'My Company', '--common-name', 'my-site.com'];
  const names = ['--name', 'my-site.com', '--name', 'localhost'];
  await done('key', '--out', 'ca-private-key.pem', ...secret);
  await done('ca', ...caKey, ...caSubject, '--out', 'ca-public-key.pem');
  await done('key', '--out', 'server-private-key.pem', ...secret);
  await done('csr', ...serverKey, ...serverSubject, ...names, '--out', 'server-csr.pem');
  const { status, stderr } = await sign('server-csr.pem', '--out', 'server-public-key.pem');
  assert.equal(status, OK, stderr);
}

function sign(request: string, ...options: string[]): Promise<Outcome> {
  const authority = [
    '--ca',
    'ca-public-key.pem',
    '--ca-key',
    'ca-private-key.pem',
    '--passphrase-file',
    'passphrase',
  ];
  return pki('sign', request, ...authority, ...options);
}

function pki(...args: string[]): Promise<Outcome> {
  return gatehouse(['pki', ...args], { cwd: folder });
}

async function done(...args: string[]): Promise<string> {
  const { status, stdout, stderr } = await pki(...args);
  assert.equal(status, OK, `pki ${args.join(' ')}: ${stderr}`);
  return stdout;
}

/** The single line of a failed command. */
function failure(outcome: Outcome, expectedStatus: number): string {
  assert.equal(outcome.status, expectedStatus, outcome.stderr);
  assert.equal(outcome.stdout, '');
  return oneLine(outcome);
}

async function openssl(...args: string[]): Promise<Outcome> {
  const outcome = await run('openssl', args, { cwd: folder });
  assert.equal(outcome.status, OK, `openssl ${args.join(' ')}: ${outcome.stderr}`);
  return outcome;
}

function path(name: string): string {
  return join(folder, name);
}

function read(name: string): string {
  return readFileSync(path(name), 'utf8');
}

function write(name: string, content: string | Uint8Array): void {
  writeFileSync(path(name), content, { mode: 0o600 });
}
