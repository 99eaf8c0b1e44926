// A client certificate that changes under load: no request fails, and no request after the change uses the
// old one.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { TLSSocket } from 'node:tls';
import { clientProfile } from '@gatehouse/x509';
import { createTestAuthority } from '../../../../conformance/support/test-authority.ts';
import { client, type IdentitySource, identityFromFiles, renewingIdentity, trust } from '../../src/index.ts';

const authority = createTestAuthority();
const own = authority.issue();
const pairOf = (name: string, days: [from: number, to: number]) => {
  const { cert, key } = authority.issue({ name, profile: clientProfile(), days });
  return { certificate: cert, key };
};
const [first, second] = [pairOf('first', [-1, 1]), pairOf('second', [-1, 30])];

const server = createServer(
  { cert: own.cert, key: own.key, ca: authority.root, requestCert: true, rejectUnauthorized: true },
  async (request: IncomingMessage, response) => {
    const { subject, subjectaltname } = (request.socket as TLSSocket).getPeerCertificate();
    if (request.url === '/slow') await delay(150);
    response.end(/first|second/.exec(`${subject?.CN} ${subjectaltname}`)?.[0]);
  },
).listen(0, '127.0.0.1');
await once(server, 'listening');
const url = `https://localhost:${(server.address() as AddressInfo).port}`;
const folder = mkdtempSync(join(tmpdir(), 'gatehouse-identity-'));
after(() => {
  server.close();
  server.closeAllConnections();
  rmSync(folder, { recursive: true });
});

function write({ certificate, key }: typeof first) {
  const paths = { certificate: join(folder, 'cert.pem'), key: join(folder, 'key.pem') };
  writeFileSync(paths.certificate, certificate);
  writeFileSync(paths.key, key);
  return paths;
}

function open(t: TestContext, identity: IdentitySource) {
  const http = client({ baseUrl: url }).with(trust({ ca: authority.root, identity }));
  t.after(() => http.close());
  return http;
}

describe('a client certificate that changes', () => {
  test('no request fails under load, and no later request uses the old one', async (t) => {
    const identity = identityFromFiles(write(first));
    const http = open(t, identity);
    const names: [begun: 'before' | 'after', name: string][] = [];
    let phase: 'before' | 'after' = 'before';
    let over = false;
    const call = async () => {
      for (let count = 0; !over; count += 1) {
        const begun = phase;
        names.push([begun, await http.get(count % 3 === 0 ? '/slow' : '/').text()]);
      }
    };
    const load = Array.from({ length: 20 }, call);
    while (names.length < 100) await delay(5);
    write(second);
    await identity.check();
    phase = 'after';
    const changedAt = names.length;
    while (names.length < changedAt + 200) await delay(5);
    over = true;
    await Promise.all(load);
    const of = (begun: string) => new Set(names.filter(([each]) => each === begun).map(([, name]) => name));
    assert.deepEqual(of('before'), new Set(['first']));
    assert.deepEqual(of('after'), new Set(['second']));
  });

  test('ignores files that do not fit together, until the next read', async (t) => {
    const identity = identityFromFiles(write(first));
    const http = open(t, identity);
    assert.equal(await http.get('/').text(), 'first');
    writeFileSync(join(folder, 'cert.pem'), second.certificate);
    await assert.rejects(identity.check(), TypeError);
    assert.equal(await http.get('/').text(), 'first');
    writeFileSync(join(folder, 'key.pem'), second.key);
    await identity.check();
    assert.equal(await http.get('/').text(), 'second');
  });

  test('is renewed after two thirds of its lifetime, and stored before it is used', async (t) => {
    const { X509Certificate } = await import('node:crypto');
    const { validFromDate, validToDate } = new X509Certificate(first.certificate);
    const lifetime = validToDate.getTime() - validFromDate.getTime();
    let clock = validFromDate.getTime() + (lifetime * 2) / 3 - 10;
    const saved: string[] = [];
    const failures: unknown[] = [];
    const identity = renewingIdentity(
      {
        ...first,
        async renew(present) {
          if (failures.length === 0) throw new Error('not now');
          return failures.length === 1 ? present : second;
        },
        save: async ({ certificate }) => void saved.push(certificate),
        onFailed: (error) => failures.push(error),
      },
      { date: () => clock, random: () => 0 },
    );
    const http = open(t, identity);
    assert.equal(await http.get('/').text(), 'first');
    await delay(50);
    assert.deepEqual([saved, failures], [[], []]);
    clock += 10;
    while (failures.length === 0) await delay(5);
    assert.equal(await http.get('/').text(), 'first');
    clock += 1000;
    while (failures.length === 1) await delay(5);
    assert.match(String(failures[1]), /due for renewal at once/);
    clock += 2000;
    while (saved.length === 0) await delay(5);
    assert.equal(await http.get('/').text(), 'second');
    assert.deepEqual(saved, [second.certificate]);
  });
});
