// The time limit of a whole order.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { encodePrivateKey, generatePrivateKey } from '@gatehouse/x509';
import { OrderFailure } from '../../../src/acme-client/failure.ts';
import type { ObtainDeps } from '../../../src/acme-client/order/obtain.ts';
import { obtain, orderLimitMs } from '../../../src/acme-client/order/obtain.ts';
import type { OrderSettings } from '../../../src/acme-client/settings.ts';
import { certificateOrders } from '../../../src/acme-client/settings.ts';
import { createTestAuthority } from '../../support/certificates.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

test('stops an order that never ends, and a stop of the server is no failure', async (t) => {
  const authority = createTestAuthority();
  const { privateKey: key, certificateChain: cert } = authority.issue();
  const silent = createServer({ key, cert }, () => {});
  silent.listen(0, '127.0.0.1');
  await once(silent, 'listening');
  t.after(() => {
    silent.close();
    silent.closeAllConnections();
  });
  const trust = join(temporaryFolder(t), 'root.pem');
  writeFileSync(trust, authority.root);
  const directory = `https://localhost:${(silent.address() as AddressInfo).port}/dir`;
  const [settings] = certificateOrders.parse([
    { directory, names: ['a.example'], challenge: 'http-01', trust },
  ]) as [OrderSettings];
  const answerer = async () => async () => {};
  const deps: ObtainDeps = {
    keyStore: { loadOrCreate: async () => Buffer.from(encodePrivateKey(generatePrivateKey('P-256'))) },
    answerers: { 'http-01': () => answerer, 'tls-alpn-01': () => answerer, 'dns-01': () => answerer },
    now: Date.now,
    systemRoots: () => '',
    userAgent: 'gatehouse/test',
    leftBehind() {},
  };
  const { signal } = new AbortController();
  await assert.rejects(obtain(deps, settings, { replaces: undefined, signal }, 300), (error) => {
    assert.ok(error instanceof OrderFailure);
    assert.match(error.message, /^The order took longer than 1 minutes?, so the server stopped it\.$/);
    return true;
  });
  const stopped = new AbortController();
  const attempt = obtain(deps, settings, { replaces: undefined, signal: stopped.signal }, 60_000);
  stopped.abort();
  await assert.rejects(attempt, (error) => !(error instanceof OrderFailure));
});

test('more names may take longer', () => {
  assert.equal(orderLimitMs(1), 35 * 60_000);
  assert.equal(orderLimitMs(100), 530 * 60_000);
});
