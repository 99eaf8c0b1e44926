// gatehouse pki verify: the chain, or the reason and exit status 1.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createFurnishedDesk, type Desk } from '../../../desk.ts';

test('verify prints the chain of a trusted certificate', async (t) => {
  const desk = await createSignedDesk(t);
  const options = ['--roots', '@ca.pem', '--purpose', 'server', '--name', 'example.com'];
  const lines = (await desk.done('verify', '@server.pem', ...options)).split('\n');
  assert.match(lines[0] ?? '', /server\.pem is trusted for a server under the name example\.com:$/);
  assert.match(lines[1] ?? '', /^ {2}0 {2}DNS:example\.com, until /);
  assert.match(lines[2] ?? '', /^ {2}1 {2}CN=Test CA, until /);
  const document = JSON.parse(await desk.done('verify', '@server.pem', ...options, '--json'));
  assert.equal(document.ok, true);
  assert.deepEqual(
    document.chain.map(({ subject }: { subject: string }) => subject),
    ['', 'CN=Test CA'],
  );
});

test('verify reports why a certificate is not trusted, and exits with 1', async (t) => {
  const desk = await createSignedDesk(t);
  await desk.done('key', '--out', '@other.key');
  await desk.done('ca', '--key', '@other.key', '--common-name', 'Other', '--out', '@other.pem');
  const cases: [string[], string][] = [
    [['--roots', '@other.pem'], 'issuer_unknown'],
    [['--roots', '@ca.pem', '--name', 'example.org'], 'name_mismatch'],
    [['--roots', '@ca.pem', '--purpose', 'client'], 'purpose_mismatch'],
    [['--roots', '@ca.pem', '--at', '2049-01-01'], 'certificate_expired'],
    [['--roots', '@ca.pem', '--at', '2001-01-01T00:00:00Z'], 'certificate_not_yet_valid'],
  ];
  for (const [options, code] of cases) {
    assert.match(await desk.refused(1, 'verify', '@server.pem', ...options), /^server\.pem is not trusted: /);
    const { status, stdout, stderr } = await desk.pki('verify', '@server.pem', ...options, '--json');
    assert.deepEqual([status, stderr], [1, '']);
    const { ok, reason, ...rest } = JSON.parse(stdout);
    assert.deepEqual({ ok, ...rest }, { ok: false, code });
    assert.equal(typeof reason, 'string');
  }
});

test('verify does not accept a certificate as its own root (RFC 5280 §6.1.1)', async (t) => {
  const desk = await createSignedDesk(t);
  assert.equal(
    await desk.refused(1, 'verify', '@server.pem', '--roots', '@server.pem'),
    'server.pem holds the certificate of DNS:example.com, which is not an authority: --roots takes certificates of authorities',
  );
});

test('verify finds intermediates in the file itself and in others', async (t) => {
  const desk = await createSignedDesk(t);
  const signUnderRoot = ['--ca', '@ca.pem', '--ca-key', '@ca.key', '--profile', 'intermediate'];
  await desk.done('csr', '--key', '@server.key', '--common-name', 'Middle', '--out', '@middle.csr');
  await desk.done('sign', '@middle.csr', ...signUnderRoot, '--out', '@middle.pem');
  const signUnderMiddle = ['--ca', '@middle.pem', '--ca-key', '@server.key'];
  await desk.done('sign', '@server.csr', ...signUnderMiddle, '--out', '@leaf.pem');
  await desk.done('sign', '@server.csr', ...signUnderMiddle, '--chain', '--out', '@chain.pem');
  await desk.refused(1, 'verify', '@leaf.pem', '--roots', '@ca.pem');
  await desk.done('verify', '@leaf.pem', '--roots', '@ca.pem', '--intermediates', '@middle.pem');
  await desk.done('verify', '@chain.pem', '--roots', '@ca.pem');
});

test('verify refuses a revoked certificate, and a stale list', async (t) => {
  const desk = await createSignedDesk(t);
  const crl = ['crl', '--ca', '@ca.pem', '--ca-key', '@ca.key'];
  const verify = ['verify', '@server.pem', '--roots', '@ca.pem', '--crl'];
  await desk.done(...crl, '--out', '@empty.crl');
  await desk.done(...verify, '@empty.crl');
  await desk.done(...crl, '--revoke', '@server.pem', '--reason', 'keyCompromise', '--out', '@full.crl');
  assert.match(await desk.refused(1, ...verify, '@full.crl'), /revoked/);
  const nextMonth = new Date(Date.now() + 30 * 86_400_000).toISOString();
  const { stdout } = await desk.pki(...verify, '@empty.crl', '--at', nextMonth, '--json');
  assert.equal(JSON.parse(stdout).code, 'revocation_stale');
});

test('verify refuses missing and malformed options', async (t) => {
  const desk = await createFurnishedDesk(t);
  const cases: [string[], RegExp][] = [
    [['verify', '@ca.pem'], /--roots/],
    [['verify', '--roots', '@ca.pem'], /FILE is missing/],
    [['verify', '@ca.pem', '--roots', '@ca.pem', '--at', 'tomorrow'], /at: expected a time such as/],
    [
      ['verify', '@ca.pem', '--roots', '@ca.pem', '--at', '2030-02-31T00:00:99Z'],
      /at: expected a time such as/,
    ],
  ];
  for (const [args, expected] of cases) assert.match(await desk.refused(2, ...args), expected);
});

async function createSignedDesk(t: TestContext): Promise<Desk> {
  const desk = await createFurnishedDesk(t);
  const options = ['--ca', '@ca.pem', '--ca-key', '@ca.key', '--out', '@server.pem'];
  await desk.done('sign', '@server.csr', ...options);
  return desk;
}
