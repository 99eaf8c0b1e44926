// gatehouse pki ca and csr: root certificates and requests, and their keys.
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import { test } from 'node:test';
import { readCertificate, readRequest, verifyRequest } from '@gatehouse/x509';
import { createDesk } from '../../desk.ts';

const SUBJECT = [
  ...['--country', 'US', '--state', 'Maryland', '--locality', 'Baltimore'],
  ...['--organization', 'My CA Company', '--organizational-unit', 'Desk', '--common-name', 'my-ca.com'],
];
const SUBJECT_TEXT = 'CN=my-ca.com,OU=Desk,O=My CA Company,L=Baltimore,ST=Maryland,C=US';

test('ca makes a root with the whole subject, for ten years, that may sign certificates and lists', async (t) => {
  const desk = createDesk(t);
  await desk.done('key', '--out', '@key');
  await desk.done('ca', '--key', '@key', '--out', '@ca.pem', ...SUBJECT);
  const root = readCertificate(desk.text('ca.pem'));
  assert.equal(root.subject.text, SUBJECT_TEXT);
  assert.equal(root.issuer.text, SUBJECT_TEXT);
  assert.equal(root.isCa, true);
  assert.deepEqual(root.keyUsage, ['keyCertSign', 'cRLSign']);
  assert.equal(root.notAfter.getTime() - root.notBefore.getTime(), 3650 * 86_400_000);
  const { publicKey } = new X509Certificate(desk.text('ca.pem'));
  assert.equal(new X509Certificate(desk.text('ca.pem')).verify(publicKey), true);
  assert.equal(statSync(desk.path('ca.pem')).mode & 0o077, 0o044 & ~process.umask());
});

test('ca accepts a lifetime, a path length and name constraints (RFC 5280 §4.2.1.9, §4.2.1.10)', async (t) => {
  const desk = createDesk(t);
  await desk.done('key', '--out', '@key');
  const names = ['--permit', 'home.example', '--permit', '10.0.0.0/8', '--exclude', 'email:example.org'];
  const options = ['--lifetime', '36h', '--path-length', '0', ...names];
  await desk.done('ca', '--key', '@key', '--out', '@ca.pem', '--common-name', 'Home', ...options);
  const facts = JSON.parse(await desk.done('show', '@ca.pem', '--json'));
  assert.equal(Date.parse(facts.notAfter) - Date.parse(facts.notBefore), 36 * 3_600_000);
  assert.equal(facts.pathLength, 0);
  assert.deepEqual(facts.nameConstraints, {
    permitted: ['DNS:home.example', 'IP:10.0.0.0/8'],
    excluded: ['email:example.org'],
  });
});

test('ca --permit constrains every kind of host: if it has only domains, addresses are excluded', async (t) => {
  const desk = createDesk(t);
  await desk.done('key', '--out', '@key');
  const constraints = async (out: string, ...options: string[]) => {
    await desk.done('ca', '--key', '@key', '--out', out, '--common-name', 'Home', ...options);
    return JSON.parse(await desk.done('show', out, '--json')).nameConstraints;
  };
  assert.deepEqual(await constraints('@a', '--permit', 'home.example'), {
    permitted: ['DNS:home.example'],
    excluded: ['IP:0.0.0.0/0', 'IP:::/0'],
  });
  assert.deepEqual(await constraints('@b', '--permit', '::1', '--exclude', 'email:example.org'), {
    permitted: ['IP:::1/128'],
    excluded: ['email:example.org', 'DNS:'],
  });
  assert.deepEqual(await constraints('@c', '--exclude', 'example.org'), {
    permitted: [],
    excluded: ['DNS:example.org'],
  });
});

test('csr has the subject and every kind of name, and proves possession of the key (RFC 2986)', async (t) => {
  const desk = createDesk(t);
  await desk.done('key', '--type', 'Ed25519', '--out', '@key');
  const texts = ['Example.com', '*.example.com', '::1', 'a@example.com', 'https://example.com/x', 'urn:a:b'];
  const names = texts.flatMap((text) => ['--name', text]);
  await desk.done('csr', '--key', '@key', '--out', '@csr', ...SUBJECT, ...names);
  const request = readRequest(desk.text('csr'));
  verifyRequest(request);
  assert.equal(request.subject.text, SUBJECT_TEXT);
  const facts = JSON.parse(await desk.done('show', '@csr', '--json'));
  assert.deepEqual(facts.names, [
    'DNS:example.com',
    'DNS:*.example.com',
    'IP:::1',
    'email:a@example.com',
    'URI:https://example.com/x',
    'URI:urn:a:b',
  ]);
  assert.equal(facts.isSignedByItsKey, true);
});

test('csr warns that clients ignore a host name in the common name (RFC 9525 §2)', async (t) => {
  const desk = createDesk(t);
  await desk.done('key', '--out', '@key');
  const noted = await desk.pki('csr', '--key', '@key', '--out', '@a', '--common-name', 'my-site.com');
  assert.match(noted.stderr, /note: my-site\.com is only the common name; .*add --name my-site\.com\n/);
  const names = ['--common-name', 'My-Site.com', '--name', 'my-site.com'];
  assert.doesNotMatch((await desk.pki('csr', '--key', '@key', '--out', '@b', ...names)).stderr, /note/);
});

test('ca and csr refuse subjects and names that cannot be encoded, and write nothing', async (t) => {
  const desk = createDesk(t);
  await desk.done('key', '--out', '@key');
  const ca = ['ca', '--key', '@key', '--out', '@out'];
  const csr = ['csr', '--key', '@key', '--out', '@out'];
  const cases: [string[], RegExp][] = [
    [ca, /an authority needs a name: give --common-name/],
    [[...ca, '--common-name', 'x', '--country', 'usa'], /country must be/],
    [[...ca, '--common-name', 'x'.repeat(65)], /commonName must have 1 to 64 characters/],
    [[...ca, '--common-name', 'x', '--permit', '10.0.0.0/33'], /--permit: /],
    [[...ca, '--common-name', 'x', '--exclude', '*.example.com'], /--exclude: .*wildcard/],
    [[...ca, '--common-name', 'x', '--path-length', '-1'], /path-length: expected a number/],
    [[...ca, '--common-name', 'x', '--lifetime', '10y'], /lifetime: expected a duration/],
    [[...ca, '--common-name', 'x', '--lifetime', '99999999d'], /9999/],
    [csr, /a request needs a name: give --name/],
    [[...csr, '--name', 'not a name'], /--name: "not a name" is not a domain name/],
    [[...csr, '--name', '192.168.0.300'], /--name: .*looks like an IP address, but it is not one/],
    [[...csr, '--common-name', '\u0007'], /commonName must have/],
  ];
  for (const [args, expected] of cases) assert.match(await desk.refused(2, ...args), expected);
  assert.deepEqual(readdirSync(desk.folder), ['key']);
});

test('ca and csr read an encrypted key with its passphrase, and ask for it otherwise', async (t) => {
  const desk = createDesk(t);
  desk.put('right', 'right');
  desk.put('wrong', 'wrong');
  await desk.done('key', '--out', '@key', '--passphrase-file', '@right');
  const csr = ['csr', '--key', '@key', '--out', '@csr', '--name', 'example.com'];
  assert.match(
    await desk.refused(2, ...csr),
    /^no terminal to ask for the passphrase of key: give --passphrase-file$/,
  );
  assert.match(await desk.refused(1, ...csr, '--passphrase-file', '@wrong'), /^key: .*passphrase/);
  await desk.done(...csr, '--passphrase-file', '@right');
});

test('ca and csr refuse files without a private key, truncated files, and keys that cannot sign', async (t) => {
  const desk = createDesk(t);
  await desk.done('key', '--out', '@key', '--public', '@public');
  desk.put('truncated', desk.text('key').slice(0, 100));
  desk.put('text', 'hello\n');
  desk.put('empty', '');
  const csr = (key: string) => ['csr', '--key', key, '--out', '@out', '--name', 'example.com'];
  const cases: [string, RegExp][] = [
    ['@public', /^public: /],
    ['@truncated', /^truncated: .*does not end/],
    ['@text', /^text: /],
    ['@empty', /^cannot read empty: it is empty$/],
    ['@none', /^cannot read none: there is no such file$/],
    [desk.folder, /it is a folder$/],
    ['/dev/zero', /is larger than 10 MiB$/],
  ];
  for (const [key, expected] of cases) assert.match(await desk.refused(1, ...csr(key)), expected);
  assert.match(
    await desk.refused(2, 'csr', '--key', '@key', '--out', '@key', '--name', 'a', '--force'),
    /reads/,
  );
  assert.deepEqual(readdirSync(desk.folder).sort(), ['empty', 'key', 'public', 'text', 'truncated']);
});
