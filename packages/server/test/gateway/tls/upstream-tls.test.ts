// The section `upstreams`: reading files, refusals at the start, and changes of files or of our own roots.
import assert from 'node:assert/strict';
import { createPublicKey, randomBytes } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import {
  clientProfile,
  createIssuer,
  encodePrivateKey,
  encodeSpki,
  generatePrivateKey,
  rootProfile,
  selfSignCertificate,
  signerFromKey,
} from '@gatehouse/x509';
import { obstacleOnBun } from '../../../src/gateway/runtime/transport-choice.ts';
import type { UpstreamTlsDeps, UpstreamTlsSources } from '../../../src/gateway/tls/upstream-tls.ts';
import { SYSTEM_ROOTS, watchUpstreamTls } from '../../../src/gateway/tls/upstream-tls.ts';
import { refusal } from '../../support/errors.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { createMemoryLog } from '../../support/memory-log.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const DAY_MS = 86_400_000;
const PIN = `sha256/${'A'.repeat(43)}=`;
const URL = 'https://pay.example';

function createRoot() {
  const signer = signerFromKey(generatePrivateKey('P-256'));
  const { pem } = selfSignCertificate(
    {
      profile: rootProfile(),
      subject: { commonName: 'Elsewhere' },
      notBefore: new Date(NOW - 100 * DAY_MS),
      notAfter: new Date(NOW + 100 * DAY_MS),
    },
    { signer, randomBytes },
  );
  return { pem, issuer: createIssuer({ certificate: pem, signer, randomBytes }) };
}

const root = createRoot();

function issueClient(days = 30, key = generatePrivateKey('P-256')) {
  const { pem } = root.issuer.issue({
    profile: clientProfile(),
    subject: { commonName: 'the gateway' },
    publicKey: encodeSpki(createPublicKey(key)),
    subjectAltNames: [{ type: 'dNSName', value: 'gateway.example' }],
    notBefore: new Date(NOW - 50 * DAY_MS),
    notAfter: new Date(NOW + days * DAY_MS),
  });
  return { certificate: pem, key: encodePrivateKey(key) };
}

/** Files of an upstream, and the watch on its settings. */
function setUp(t: TestContext) {
  const folder = temporaryFolder(t);
  const file = (name: string, content: string) => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  const { log, lines } = createMemoryLog();
  let changes = 0;
  const own = { roots: 'our roots' };
  const deps: UpstreamTlsDeps = {
    clock: createFakeClock(NOW),
    log,
    ownRoots: () => own.roots,
    systemRoots: () => 'roots of the system',
    obstacle: () => undefined,
    changed: async () => {
      changes += 1;
    },
  };
  const start = (upstreams: UpstreamTlsSources['upstreams'], routes: UpstreamTlsSources['routes'] = []) => {
    const watched = watchUpstreamTls(deps, { upstreams, routes });
    const settled = async () => {
      for (let round = 0; round < 3; round += 1) await watched.watch.run();
    };
    return { ...watched, settled, entry: () => Object.fromEntries(watched.entries()).pay };
  };
  return { file, lines, deps, own, start, changes: () => changes };
}

test('reads the roots of a file, our own roots, those of the system, or none if there is a pin', (t) => {
  const { file, start } = setUp(t);
  const ca = file('ca.pem', root.pem);
  const { certificate, key } = issueClient();
  const files = { certificate: file('us.pem', certificate), key: file('us.key', key) };
  const entries = start({
    file: { url: URL, ca },
    own: { url: URL, ca: 'own' },
    pinned: { url: URL, pin: PIN },
    both: { url: URL, ca, pin: PIN },
    known: { url: URL, ...files },
    plain: 'http://plain.example',
    unset: { url: URL },
  }).entries();
  const none = { ca: undefined, pin: undefined, certificate: undefined, privateKey: undefined };
  assert.deepEqual(Object.fromEntries(entries), {
    file: { ...none, ca: root.pem },
    own: { ...none, ca: 'our roots' },
    pinned: { ...none, pin: PIN },
    both: { ...none, ca: root.pem, pin: PIN },
    known: { ...none, ca: 'roots of the system', certificate, privateKey: key },
  });
});

test('reads the roots of the system only if a route needs them', (t) => {
  const { deps, start } = setUp(t);
  const [[name, tls] = []] = start({}, [{ upstreamTls: SYSTEM_ROOTS }, { upstreamTls: 'pay' }]).entries();
  assert.deepEqual([name, tls?.ca], [SYSTEM_ROOTS, 'roots of the system']);
  deps.systemRoots = () => assert.fail('no upstream needs them');
  assert.deepEqual(start({}, [{ upstreamTls: undefined }]).entries(), []);
});

test('knows the types of keys in the files, but not those of the system’s roots', (t) => {
  const { deps, file, start } = setUp(t);
  deps.systemRoots = () => root.pem;
  const { certificate, key } = issueClient(30, generatePrivateKey('ML-DSA-44'));
  const us = { certificate: file('us.pem', certificate), key: file('us.key', key) };
  assert.deepEqual(start({ pay: { url: URL, ...us } }).keyTypes(), ['ml-dsa-44']);
  const ca = file('ca.pem', root.pem);
  assert.deepEqual(start({ pay: { url: URL, ca } }, [{ upstreamTls: SYSTEM_ROOTS }]).keyTypes(), ['ec']);
});

test('refuses unusable files at the start, and names the setting and the file', (t) => {
  const { file, start } = setUp(t);
  const { certificate, key } = issueClient();
  const us = { url: URL, certificate: file('us.pem', certificate), key: file('us.key', key) };
  const cases = [
    [{ url: URL, ca: '/nowhere/ca.pem' }, /\/nowhere\/ca\.pem cannot be used: there is no such file\.$/],
    [{ url: URL, ca: file('text', 'no certificate') }, /text cannot be used: /],
    [
      { ...us, key: file('other.key', issueClient().key) },
      /us\.pem does not belong to the key in .*other\.key/,
    ],
  ] as const;
  for (const [upstream, message] of cases) {
    assert.throws(() => start({ pay: upstream }), refusal('config_invalid', message));
    assert.throws(
      () => start({ pay: upstream }),
      refusal('config_invalid', /^Setting gateway\.upstreams\.pay is not valid: /),
    );
  }
});

test('takes over changed roots and certificates once they are complete, and each change once', async (t) => {
  const { file, start, changes } = setUp(t);
  const old = issueClient();
  const files = {
    ca: file('ca.pem', root.pem),
    certificate: file('us.pem', old.certificate),
    key: file('us.key', old.key),
  };
  const { entry, settled, watch } = start({ pay: { url: URL, ...files } });
  await settled();
  assert.equal(changes(), 0);
  const other = createRoot();
  file('ca.pem', other.pem);
  await settled();
  assert.equal(entry()?.ca, other.pem);
  const renewed = issueClient();
  file('us.pem', renewed.certificate);
  await watch.run(); // The key is still the old one.
  file('us.key', renewed.key);
  await settled();
  await settled();
  assert.deepEqual(entry(), {
    ca: other.pem,
    pin: undefined,
    certificate: renewed.certificate,
    privateKey: renewed.key,
  });
  assert.equal(changes(), 2);
});

test('leaves the old content in force when the new files are bad, says so once, and accepts corrected files', async (t) => {
  const { file, lines, start, changes } = setUp(t);
  const ca = file('ca.pem', root.pem);
  const { entry, settled } = start({ pay: { url: URL, ca } });
  file('ca.pem', 'half a certi');
  await settled();
  rmSync(ca);
  await settled();
  assert.equal(entry()?.ca, root.pem);
  assert.equal(changes(), 0);
  const errors = lines().filter(({ level }) => level === 'error');
  assert.deepEqual(
    errors.map(({ message, upstream }) => [message, upstream]),
    Array(2).fill(['the changed files of an upstream are not used: the old ones stay', 'pay']),
  );
  assert.match(String(errors[1]?.reason), /ca\.pem cannot be used: there is no such file/);
  const other = createRoot();
  file('ca.pem', other.pem);
  await settled();
  assert.equal(entry()?.ca, other.pem);
});

test('follows our own roots, and tells the workers only when they are used', async (t) => {
  const { own: authority, file, start, changes } = setUp(t);
  const other = start({ pay: { url: URL, ca: file('ca.pem', root.pem) } });
  const own = start({ pay: { url: URL, ca: 'own' } });
  authority.roots = 'other roots';
  assert.deepEqual([other.isStale(), own.isStale()], [false, true]);
  await other.watch.run();
  assert.equal(changes(), 0);
  await own.watch.run();
  assert.equal(changes(), 1);
  assert.equal(own.entry()?.ca, 'other roots');
  assert.equal(own.isStale(), false);
});

test('leaves the old content in force when the workers cannot use the new key, and says what to do', async (t) => {
  const { deps, file, lines, start, changes } = setUp(t);
  deps.obstacle = (types) => obstacleOnBun(types, 'auto');
  const { certificate, key } = issueClient();
  const us = { url: URL, certificate: file('us.pem', certificate), key: file('us.key', key) };
  const { entry, settled } = start({ pay: us });
  const changed = issueClient(30, generatePrivateKey('ML-DSA-44'));
  file('us.pem', changed.certificate);
  file('us.key', changed.key);
  await settled();
  assert.equal(changes(), 0);
  assert.equal(entry()?.certificate, certificate);
  const [warning] = lines();
  assert.equal(warning?.level, 'warn');
  assert.match(String(warning?.reason), /ml-dsa-44 keys.*run on Bun: restart Gatehouse$/);
});

test('warns of a certificate that ends within a week or has ended, and uses it', (t) => {
  for (const [days, message] of [
    [6, /expires soon/],
    [-1, /has expired: renew it/],
  ] as const) {
    const { file, lines, start } = setUp(t);
    const { certificate, key } = issueClient(days);
    const us = { url: URL, certificate: file('us.pem', certificate), key: file('us.key', key) };
    assert.equal(start({ pay: us }).entry()?.certificate, certificate);
    assert.match(String(lines()[0]?.message), message);
  }
});
