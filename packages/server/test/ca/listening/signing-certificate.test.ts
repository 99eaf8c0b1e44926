// The key that signs the offers of encrypted endpoints: its certificate is renewed, and the key stays until
// others may know it.
import assert from 'node:assert/strict';
import { createPublicKey, X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { verifyCertificate } from '@gatehouse/x509';
import type { Ca, SigningIdentity } from '../../../src/ca/index.ts';
import { OPERATOR, openCa, renewal } from '../../support/ca.ts';
import { createStore, openStore } from '../../support/store.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const DAY_SECONDS = 86_400;

const serialOf = ({ chain }: SigningIdentity) => new X509Certificate(chain).serialNumber.toLowerCase();

function verified(ca: Ca, { chain }: SigningIdentity, now: number, name = 'localhost') {
  const roots = ca.roots();
  return verifyCertificate({ certificate: chain, roots, at: new Date(now), purpose: 'serverAuth', name });
}

test('the first use issues a certificate for the names of the listeners, which is in the inventory', async (t) => {
  const store = await createStore(t);
  const ca = await openCa(store, { names: ['api.example.com'], keyType: 'Ed25519' });
  assert.equal(ca.signing.current(), undefined);
  const [identity, same] = await Promise.all([ca.signing.use(), ca.signing.use()]);
  assert.equal(same, identity);
  verified(ca, identity, store.clock.now(), 'api.example.com');
  assert.equal(identity.privateKey.asymmetricKeyDetails?.namedCurve, 'prime256v1');
  const certificate = new X509Certificate(identity.chain);
  assert.ok(certificate.publicKey.equals(createPublicKey(identity.privateKey)));
  const issued = store.published.filter(({ type }) => type === 'ca.certificate_issued');
  assert.ok(issued.some(({ subject }) => subject === serialOf(identity)));
});

test('the certificate is renewed after two thirds of its life, with the same key', async (t) => {
  const store = await createStore(t);
  const ca = await openCa(store);
  const first = await ca.signing.use();
  const changes: (string | undefined)[] = [];
  ca.signing.onChange(async () => void changes.push(ca.signing.current()?.pin));
  store.clock.advance(19 * DAY_SECONDS);
  await renewal(ca).run();
  assert.deepEqual(changes, []);
  store.clock.advance(1.1 * DAY_SECONDS);
  await renewal(ca).run();
  const second = await ca.signing.use();
  assert.notEqual(serialOf(second), serialOf(first));
  assert.deepEqual([second.pin, changes], [first.pin, [first.pin]]);
  verified(ca, second, store.clock.now());
});

test('a restart does not change the key, which clients may have pinned', async (t) => {
  const path = temporaryFolder(t);
  const first = await openStore(path);
  const { pin } = await (await openCa(first)).signing.use();
  await first.close();
  const second = await openStore(path, first.clock);
  t.after(() => second.close());
  assert.equal((await (await openCa(second)).signing.use()).pin, pin);
});

test('a key whose certificate is revoked is replaced before the answer to the act', async (t) => {
  const store = await createStore(t);
  const ca = await openCa(store);
  const first = await ca.signing.use();
  let changes = 0;
  ca.signing.onChange(async () => {
    changes += 1;
  });
  await ca.certificates.revoke(serialOf(first), 'keyCompromise', OPERATOR);
  const second = await ca.signing.use();
  assert.notEqual(second.pin, first.pin);
  assert.equal(changes, 1);
});
