// Certificates from files: reading them, refusals at the start, and changes of the files.
import assert from 'node:assert/strict';
import { createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import type { NamedIdentity } from '@gatehouse/access';
import {
  createIssuer,
  encodePrivateKey,
  encodeSpki,
  encryptPrivateKey,
  generatePrivateKey,
  rootProfile,
  selfSignCertificate,
  serverProfile,
  signerFromKey,
} from '@gatehouse/x509';
import { obstacleOnBun } from '../../../src/gateway/runtime/transport-choice.ts';
import { watchCertificates } from '../../../src/gateway/tls/certificate-files.ts';
import type { KeyFiles } from '../../../src/gateway/tls/key-files.ts';
import { refusal } from '../../support/errors.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { createMemoryLog } from '../../support/memory-log.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const DAY_MS = 86_400_000;
const rootKey = signerFromKey(generatePrivateKey('P-256'));
const root = selfSignCertificate(
  {
    profile: rootProfile(),
    subject: { commonName: 'Elsewhere' },
    notBefore: new Date(NOW - 100 * DAY_MS),
    notAfter: new Date(NOW + 100 * DAY_MS),
  },
  { signer: rootKey, randomBytes },
);
const issuer = createIssuer({ certificate: root.pem, signer: rootKey, randomBytes });

interface Wanted {
  names?: readonly string[];
  days?: [from: number, to: number];
  key?: ReturnType<typeof generatePrivateKey>;
}

function issue({
  names = ['shop.example'],
  days = [-1, 30],
  key = generatePrivateKey('P-256'),
}: Wanted = {}) {
  const { pem } = issuer.issue({
    profile: serverProfile(),
    subject: { commonName: 'a host' },
    subjectAltNames: names.map((value) =>
      /^\d/.test(value) ? { type: 'iPAddress', value } : { type: 'dNSName', value },
    ),
    publicKey: encodeSpki(createPublicKey(key)),
    notBefore: new Date(NOW + days[0] * DAY_MS),
    notAfter: new Date(NOW + days[1] * DAY_MS),
  });
  return { pem: pem + root.pem, key };
}

/** A folder with a certificate, and what the watch makes of it. */
function setUp(t: TestContext, { pem, key } = issue()) {
  const folder = temporaryFolder(t);
  const files: KeyFiles = { certificate: join(folder, 'a.pem'), key: join(folder, 'a.key') };
  writeFileSync(files.certificate, pem);
  writeFileSync(files.key, encodePrivateKey(key));
  const presented: [string, NamedIdentity][] = [];
  const { log, lines } = createMemoryLog();
  const deps = {
    clock: createFakeClock(NOW),
    log,
    obstacle: (_types: readonly string[]): string | undefined => undefined,
    present: async (key: string, identity: NamedIdentity) => void presented.push([key, identity]),
  };
  const start = (changed: Partial<KeyFiles> = {}) => watchCertificates(deps, [{ ...files, ...changed }]);
  return { folder, files, presented, lines, deps, start };
}

test('reads the names, the whole chain and the key', (t) => {
  const issued = issue({ names: ['Shop.example', '*.shop.example', '192.0.2.1'] });
  const [[key, identity] = []] = setUp(t, issued).start().entries();
  assert.equal(key, 'gateway.certificates.0');
  assert.deepEqual(identity?.names, ['shop.example', '*.shop.example']);
  assert.equal(identity?.certificateChain.match(/BEGIN CERTIFICATE/g)?.length, 2);
  assert.equal(identity?.privateKey, encodePrivateKey(issued.key));
});

test('decrypts the key with the passphrase of a file', (t) => {
  const { folder, files, start } = setUp(t);
  const key = generatePrivateKey('P-256');
  writeFileSync(files.certificate, issue({ key }).pem);
  writeFileSync(files.key, encryptPrivateKey(key, 'open sesame'));
  const passphraseFile = join(folder, 'passphrase');
  writeFileSync(passphraseFile, 'open sesame\n');
  const [[, identity] = []] = start({ passphraseFile }).entries();
  assert.equal(identity?.privateKey, encodePrivateKey(key));
  assert.throws(start, refusal('config_invalid', /a\.key cannot be used: the key is encrypted/));
  writeFileSync(passphraseFile, 'wrong');
  assert.throws(() => start({ passphraseFile }), refusal('config_invalid', /passphrase/));
});

test('refuses unusable files at the start, and names the file and its place in the settings', (t) => {
  const cases: [Wanted, RegExp][] = [
    [{ days: [-30, -1] }, /the certificate in .*a\.pem ended at 2026-02-28T12:00:00\.000Z: renew it\.$/],
    [{ days: [1, 30] }, /is valid only from/],
    [{ names: ['192.0.2.1'] }, /a\.pem names no host/],
  ];
  for (const [wanted, message] of cases) {
    const { start } = setUp(t, issue(wanted));
    assert.throws(start, refusal('config_invalid', message));
    assert.throws(
      start,
      refusal('config_invalid', /^Certificate \S+ \(gateway\.certificates\[0\]\) is not valid: /),
    );
  }
  const other = setUp(t, { ...issue(), key: generatePrivateKey('P-256') });
  assert.throws(other.start, refusal('config_invalid', /a\.pem does not belong to the key in .*a\.key/));
  const { files, start } = setUp(t);
  assert.throws(
    () => start({ key: `${files.key}.gone` }),
    refusal('config_invalid', /there is no such file/),
  );
  assert.throws(() => start({ certificate: files.key }), refusal('config_invalid', /a\.key cannot be used/));
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
  writeFileSync(files.certificate, issue({ key: privateKey }).pem);
  writeFileSync(files.key, encodePrivateKey(privateKey));
  assert.throws(start, refusal('config_invalid', /has 1024 bits: use 2048 or more/));
  const issued = issue();
  // TLS refuses a short key anywhere in the chain.
  writeFileSync(files.certificate, issued.pem + issue({ key: privateKey }).pem);
  writeFileSync(files.key, encodePrivateKey(issued.key));
  assert.throws(start, refusal('config_invalid', /a\.pem cannot be used for TLS: .*key too small/));
});

test('takes over changed files once they are complete, and each change once', async (t) => {
  const { files, presented, start } = setUp(t);
  const { watch, entries } = start();
  await watch.run();
  assert.equal(presented.length, 0);
  const renewed = issue({ names: ['new.example'] });
  writeFileSync(files.certificate, renewed.pem);
  await watch.run(); // The key is still the old one.
  writeFileSync(`${files.key}.new`, encodePrivateKey(renewed.key));
  renameSync(`${files.key}.new`, files.key);
  for (let round = 0; round < 4; round += 1) await watch.run();
  assert.deepEqual(
    presented.map(([key, { names }]) => [key, names]),
    [['gateway.certificates.0', ['new.example']]],
  );
  assert.deepEqual(entries()[0]?.[1].names, ['new.example']);
});

test('leaves the old certificate in force when the new files are bad, and says so once', async (t) => {
  const { files, presented, lines, start } = setUp(t);
  const { watch, entries } = start();
  writeFileSync(files.certificate, 'not a certificate');
  for (let round = 0; round < 4; round += 1) await watch.run();
  rmSync(files.key);
  for (let round = 0; round < 4; round += 1) await watch.run();
  assert.equal(presented.length, 0);
  assert.deepEqual(entries()[0]?.[1].names, ['shop.example']);
  const errors = lines().filter(({ level }) => level === 'error');
  assert.deepEqual(
    errors.map(({ message }) => message),
    Array(2).fill('the changed certificate is not used: the old one stays'),
  );
  assert.match(String(errors[0]?.reason), /a\.pem cannot be used/);
});

test('leaves the old certificate in force when the workers run on Bun and the new key is of ML-DSA', async (t) => {
  const { files, presented, lines, deps, start } = setUp(t);
  deps.obstacle = (types) => obstacleOnBun(types, 'auto');
  const { watch, entries } = start();
  const changed = issue({ names: ['new.example'], key: generatePrivateKey('ML-DSA-44') });
  writeFileSync(files.certificate, changed.pem);
  writeFileSync(files.key, encodePrivateKey(changed.key));
  for (let round = 0; round < 4; round += 1) await watch.run();
  assert.equal(presented.length, 0);
  assert.deepEqual(entries()[0]?.[1].names, ['shop.example']);
  const [warning, ...others] = lines();
  assert.deepEqual(others, []);
  assert.equal(warning?.level, 'warn');
  assert.equal(warning?.message, 'the changed certificate is not used: the old one stays');
  assert.equal(
    warning?.reason,
    'certificates have ml-dsa-44 keys, which the running workers cannot use, because they run on Bun: restart Gatehouse',
  );
});

test('warns of a certificate that ends within a week', (t) => {
  const { start, lines } = setUp(t, issue({ days: [-1, 6] }));
  start();
  assert.match(String(lines()[0]?.message), /expires soon/);
});
