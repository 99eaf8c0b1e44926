// An intermediate from elsewhere is put in force only if all kinds of certificates below it are valid. No
// root's key is destroyed without a confirmation.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { readCertificate, verifyCertificate } from '@gatehouse/x509';
import type { Ca } from '../../../src/ca/index.ts';
import { configSchema } from '../../../src/config.ts';
import { fetchAdmin, issue, openCa } from '../../support/ca.ts';
import { createMemoryLog } from '../../support/memory-log.ts';
import { createStore } from '../../support/store.ts';
import type { Scope } from '../../support/temporary-folder.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const needsOpenssl = spawnSync('openssl', ['version']).status !== 0 && 'needs openssl';
const AUTHORITY = [
  'basicConstraints=critical,CA:TRUE,pathlen:0',
  'keyUsage=critical,keyCertSign,cRLSign',
  'subjectKeyIdentifier=hash',
  'authorityKeyIdentifier=keyid',
];

interface Signing {
  /** Extensions of the intermediate, each a line for openssl. */
  extensions: readonly string[];
  /** More extensions of the root than openssl adds by itself. */
  root?: readonly string[];
}

const folder = temporaryFolder({ after });

function openssl(...args: string[]): string {
  const { status, stdout, stderr } = spawnSync('openssl', args, { cwd: folder, encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  return stdout;
}

/** The company's roots by their additional extensions, because openssl takes long to make one. */
const companyRoots = new Map<string, { file: string; pem: string }>();

function companyRoot(extensions: readonly string[]) {
  const known = companyRoots.get(extensions.join());
  if (known) return known;
  const added = ['keyUsage=critical,keyCertSign,cRLSign', ...extensions].flatMap((line) => ['-addext', line]);
  const subject = ['-subj', '/CN=Company Root', '-days', '3650'];
  const file = `root-${companyRoots.size}`;
  const key = ['-newkey', 'ed25519', '-nodes', '-keyout', `${file}.key`];
  const pem = openssl('req', '-x509', ...key, ...subject, ...added);
  writeFileSync(join(folder, `${file}.pem`), pem);
  const root = { file, pem };
  companyRoots.set(extensions.join(), root);
  return root;
}

/** A server, and a company's authority with openssl. */
async function companyAuthority(t: Scope, settings: Parameters<typeof openCa>[1] = {}) {
  const store = await createStore(t);
  // A little after the dates that openssl signs.
  store.clock.advance((Date.now() - store.clock.now()) / 1000 + 60);
  const ca = await openCa(store, settings);
  const { request } = (await (await fetchAdmin(ca, ['POST', '/admin/ca/request'], {})).json()) as {
    request: string;
  };
  const sign = ({ extensions, root = [] }: Signing) => {
    const { file, pem } = companyRoot(root);
    writeFileSync(join(folder, 'csr.pem'), request);
    writeFileSync(join(folder, 'extensions'), extensions.join('\n'));
    const issuer = ['-CA', `${file}.pem`, '-CAkey', `${file}.key`, '-days', '900', '-extfile', 'extensions'];
    return { intermediate: openssl('x509', '-req', '-in', 'csr.pem', ...issuer), roots: pem };
  };
  return { store, ca, sign };
}

async function importing(ca: Ca, files: { intermediate: string; roots: string; destroyRootKey?: boolean }) {
  const response = await fetchAdmin(ca, ['POST', '/admin/ca/import'], { destroyRootKey: true, ...files });
  const { code, detail } = (await response.json()) as { code?: string; detail?: string };
  return { status: response.status, code, detail: detail ?? '' };
}

const client = { profile: 'client', owner: { kind: 'service', name: 'robot' } } as const;

const USELESS: [what: string, signing: Signing, reason: RegExp][] = [
  [
    'whose extendedKeyUsage leaves out clients',
    { extensions: [...AUTHORITY, 'extendedKeyUsage=serverAuth'] },
    /profile client would not be valid: extendedKeyUsage forbids it \(.*clientAuth, only for serverAuth\)/,
  ],
  [
    'whose extendedKeyUsage leaves out servers',
    { extensions: [...AUTHORITY, 'extendedKeyUsage=clientAuth,OCSPSigning'] },
    /our own listeners would not be valid: extendedKeyUsage forbids it/,
  ],
  [
    'whose root has an extendedKeyUsage that leaves out clients',
    { extensions: AUTHORITY, root: ['extendedKeyUsage=serverAuth'] },
    /profile client would not be valid: extendedKeyUsage forbids it \(.*Company Root/,
  ],
  [
    'whose name constraints leave out our own listeners',
    { extensions: [...AUTHORITY, 'nameConstraints=critical,permitted;DNS:example.com'] },
    /our own listeners would not be valid: nameConstraints forbids it \(.*localhost/,
  ],
  [
    'whose name constraints leave out the subjects that we give',
    {
      extensions: [...AUTHORITY, 'nameConstraints=critical,permitted;dirName:names', '[names]', 'O=Company'],
    },
    /nameConstraints forbids it/,
  ],
  [
    'whose name constraints leave out the owners of client certificates',
    { extensions: [...AUTHORITY, 'nameConstraints=critical,permitted;URI:example.com'] },
    /profile client would not be valid: nameConstraints forbids it \(.*spiffe:\/\/gatehouse\.internal\/service/,
  ],
  [
    'whose name constraints leave out the delegates that answer OCSP',
    {
      extensions: [...AUTHORITY, 'nameConstraints=critical,excluded;dirName:names', '[names]', 'O=Example'],
    },
    /answers to OCSP requests would not be valid: nameConstraints forbids it/,
  ],
  [
    'below a root that allows no authority below it',
    { extensions: AUTHORITY, root: ['basicConstraints=critical,CA:TRUE,pathlen:0'] },
    /the path length in basicConstraints forbids it/,
  ],
  [
    'without subjectKeyIdentifier',
    { extensions: [...AUTHORITY.filter((line) => !line.startsWith('subject')), 'subjectKeyIdentifier=none'] },
    /no subjectKeyIdentifier/,
  ],
  [
    'without authorityKeyIdentifier',
    {
      extensions: [
        ...AUTHORITY.filter((line) => !line.startsWith('authority')),
        'authorityKeyIdentifier=none',
      ],
    },
    /no authorityKeyIdentifier/,
  ],
  [
    'without keyUsage',
    { extensions: AUTHORITY.filter((line) => !line.startsWith('keyUsage')) },
    /has no keyUsage/,
  ],
  [
    'that may not sign lists',
    { extensions: AUTHORITY.map((line) => line.replace(',cRLSign', '')) },
    /keyUsage lacks cRLSign/,
  ],
  [
    'that may not sign certificates',
    { extensions: AUTHORITY.map((line) => line.replace('keyCertSign,', '')) },
    /may not sign certificates/,
  ],
  [
    'that is no authority',
    { extensions: ['basicConstraints=critical,CA:FALSE', ...AUTHORITY.slice(1)] },
    /may not sign certificates/,
  ],
  [
    'with a critical extension that is not known here',
    { extensions: [...AUTHORITY, '1.2.3.4=critical,ASN1:NULL'] },
    /1\.2\.3\.4/,
  ],
];

for (const [what, signing, reason] of USELESS) {
  test(`an import of an intermediate ${what} is refused with the reason, and changes nothing`, {
    skip: needsOpenssl,
  }, async (t) => {
    const { ca, sign } = await companyAuthority(t);
    const before = ca.roots();
    const refused = await importing(ca, sign(signing));
    assert.deepEqual([refused.status, refused.code], [422, 'unprocessable'], refused.detail);
    assert.match(refused.detail, reason);
    assert.equal(ca.roots(), before);
    await issue(ca, ['api.example.com']);
    await issue(ca, ['robot.example.com'], client);
    assert.equal(
      (await importing(ca, sign({ extensions: AUTHORITY }))).status,
      200,
      'the same request is of use still',
    );
  });
}

const USEFUL: [what: string, extensions: readonly string[]][] = [
  ['with our own extensions', AUTHORITY],
  ['without a path length', AUTHORITY.map((line) => line.replace(',pathlen:0', ''))],
  [
    'whose extendedKeyUsage allows servers and clients',
    [...AUTHORITY, 'extendedKeyUsage=serverAuth,clientAuth'],
  ],
  ['whose extendedKeyUsage allows anything', [...AUTHORITY, 'extendedKeyUsage=anyExtendedKeyUsage']],
  [
    'whose name constraints leave room for our own listeners',
    [
      ...AUTHORITY,
      'nameConstraints=critical,@names',
      '[names]',
      'permitted;DNS.1=localhost',
      'permitted;DNS.2=example.com',
      'permitted;IP.1=127.0.0.0/255.0.0.0',
      'permitted;IP.2=::1/FFFF:FFFF:FFFF:FFFF:FFFF:FFFF:FFFF:FFFF',
    ],
  ],
];

for (const [what, extensions] of USEFUL) {
  test(`an intermediate ${what} is imported, and its certificates are valid`, {
    skip: needsOpenssl,
  }, async (t) => {
    const { ca, store, sign } = await companyAuthority(t);
    const { status, detail } = await importing(ca, sign({ extensions }));
    assert.equal(status, 200, detail);
    const at = new Date(store.clock.now());
    for (const [issued, purpose] of [
      [await issue(ca, ['api.example.com']), 'serverAuth'],
      [await issue(ca, ['robot.example.com'], client), 'clientAuth'],
    ] as const) {
      verifyCertificate({ certificate: issued.chain, roots: ca.roots(), at, purpose });
    }
  });
}

test('a profile with all names outside the name constraints stops the import; one with a single name inside does not', {
  skip: needsOpenssl,
}, async (t) => {
  const { profiles } = configSchema.parse({
    ca: {
      profiles: {
        partner: { names: ['*.partner.example'] },
        mixed: { names: ['10.0.0.0/8', '*.example.com'] },
      },
    },
  }).ca;
  const { ca, sign } = await companyAuthority(t, { profiles });
  const extensions = [
    ...AUTHORITY,
    'nameConstraints=critical,@names',
    '[names]',
    'permitted;DNS.1=localhost',
    'permitted;DNS.2=example.com',
  ];
  const refused = await importing(ca, sign({ extensions }));
  assert.match(
    refused.detail,
    /profile partner would not be valid: nameConstraints forbids it \(.*trial\.partner\.example/,
  );
  const wider = await importing(ca, sign({ extensions: [...extensions, 'permitted;DNS.3=partner.example'] }));
  assert.equal(wider.status, 200, wider.detail);
});

test('the start warns about a profile that was added later and is not valid below the intermediate', {
  skip: needsOpenssl,
}, async (t) => {
  const { ca, store, sign } = await companyAuthority(t);
  const names = ['permitted;DNS.1=localhost', 'permitted;DNS.2=example.com'];
  const extensions = [...AUTHORITY, 'nameConstraints=critical,@names', '[names]', ...names];
  assert.equal((await importing(ca, sign({ extensions }))).status, 200);
  const before = createMemoryLog();
  await openCa(store, {}, undefined, { log: before });
  assert.deepEqual(before.lines(), []);
  const { profiles } = configSchema.parse({
    ca: { profiles: { partner: { names: ['*.partner.example'] } } },
  }).ca;
  const log = createMemoryLog();
  await openCa(store, { profiles }, undefined, { log });
  assert.match(
    String(log.lines().at(-1)?.reason),
    /profile partner would not be valid: nameConstraints forbids it/,
  );
});

test('leaves out names of the listener that may not be certified, and refuses such names in ca.names', {
  skip: needsOpenssl,
}, async (t) => {
  const { ca, store, sign } = await companyAuthority(t);
  const names = ['permitted;DNS.1=localhost', 'permitted;DNS.2=example.com'];
  const extensions = [...AUTHORITY, 'nameConstraints=critical,@names', '[names]', ...names];
  assert.equal((await importing(ca, sign({ extensions }))).status, 200);
  const served = async (listenerNames: string[]) =>
    (await openCa(store, {}, undefined, { listenerNames })).serverCertificate().names;
  assert.ok((await served(['shop.example.com'])).includes('shop.example.com'));
  assert.ok(!(await served(['shop.example.org'])).includes('shop.example.org'));
  await assert.rejects(openCa(store, { names: ['shop.example.org'] }), /name constraint|may not certify/i);
});

test('destroys the key of a root only if the import says so', { skip: needsOpenssl }, async (t) => {
  const { ca, sign } = await companyAuthority(t);
  const before = ca.roots();
  const files = sign({ extensions: AUTHORITY });
  const refused = await importing(ca, { ...files, destroyRootKey: false });
  assert.deepEqual([refused.status, refused.code], [409, 'confirmation_required']);
  assert.match(refused.detail, /destroys the key of the root CN=Example Root.*--destroy-root-key/);
  assert.equal(ca.roots(), before);
  assert.equal(
    (await fetchAdmin(ca, ['POST', '/admin/ca/rotate'], {})).status,
    200,
    'the key is there still',
  );
  assert.equal((await importing(ca, files)).status, 200);
  assert.notEqual(ca.roots(), before);
});

test('if no key of a root is here, an import needs no confirmation', { skip: needsOpenssl }, async (t) => {
  const { ca, sign } = await companyAuthority(t);
  assert.equal((await importing(ca, sign({ extensions: AUTHORITY }))).status, 200);
  const { request } = (await (await fetchAdmin(ca, ['POST', '/admin/ca/request'], {})).json()) as {
    request: string;
  };
  assert.match(request, /BEGIN CERTIFICATE REQUEST/);
  const again = await importing(ca, { ...sign({ extensions: AUTHORITY }), destroyRootKey: false });
  assert.match(again.detail, /another key/, 'and the old request is of no use');
});

test('of two imports at once one is refused', { skip: needsOpenssl }, async (t) => {
  const { ca, sign } = await companyAuthority(t);
  const files = sign({ extensions: AUTHORITY });
  const outcomes = await Promise.all([importing(ca, files), importing(ca, files)]);
  assert.deepEqual(outcomes.map(({ status }) => status).toSorted(), [200, 409]);
  assert.ok(readCertificate(files.roots).isCa);
});
