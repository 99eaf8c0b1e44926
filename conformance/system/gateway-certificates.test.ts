// Certificates of gateway.certificates that change while the gateway runs (RFC 6066 §3): new connections get
// the new one, unless the processes cannot use its key.
import assert from 'node:assert/strict';
import type { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { connect } from 'node:tls';
import type { PrivateKeyType } from '@gatehouse/x509';
import { eventually } from '../support/conditions.ts';
import { up } from '../support/gatehouse-command.ts';
import { createTestAuthority } from '../support/test-authority.ts';
import { serialOf } from '../support/tls-upstream.ts';
import type { TransportName } from '../support/transports.ts';
import { onTransport, TRANSPORTS } from '../support/transports.ts';

const NAME = 'shop.example';
const folder = mkdtempSync(join(tmpdir(), 'gatehouse-certificates-'));
const authority = createTestAuthority();
const worlds = await Promise.all(TRANSPORTS.map(startWorld));
after(async () => {
  await Promise.all(worlds.map(({ server }) => server.stop()));
  rmSync(folder, { recursive: true, force: true });
});

// Both run at once, because they wait for the checks of the files.
describe('a changed certificate', { concurrency: worlds.length }, () => {
  for (const world of worlds) {
    describe(`on transport ${world.transport}`, { concurrency: 1 }, () => testChanges(world));
  }
});

function testChanges({ transport, server, write }: Awaited<ReturnType<typeof startWorld>>): void {
  const served = () => servedSerial(server.port);
  const becomes = async (serial: string): Promise<void> => {
    await eventually('the new certificate', async () => (await served()) === serial);
  };

  if (transport === 'node') {
    it('is presented to new connections, also if its key is of ML-DSA', () => becomes(write('ML-DSA-44')));
    return;
  }
  it('is not used if its key is of ML-DSA, and the log says what to do', async () => {
    const inForce = await served();
    write('ML-DSA-44');
    const line = await eventually('the warning', () =>
      server
        .stderr()
        .split('\n')
        .find((text) => text.includes('the changed certificate is not used')),
    );
    const { level, reason } = JSON.parse(line) as { level: number; reason: string };
    assert.equal(level, 'warn');
    assert.match(reason, /ml-dsa-44.*run on Bun: set gateway\.transport to auto, and restart Gatehouse$/);
    assert.equal(await served(), inForce);
  });

  it('is presented to new connections, also after one that was not used', () => becomes(write('P-256')));
}

async function startWorld(transport: TransportName) {
  const files = { certificate: join(folder, `${transport}.pem`), key: join(folder, `${transport}.key`) };
  /** Returns the serial number. */
  function write(keyType: PrivateKeyType): string {
    const { cert, key } = authority.issue({ name: NAME, keyType });
    writeFileSync(files.certificate, cert);
    writeFileSync(files.key, key);
    return serialOf(cert);
  }
  write('P-256');
  const server = await up({
    upstream: 'http://127.0.0.1:9',
    set: [`gateway.certificates=${JSON.stringify([files])}`, 'gateway.workers=1', ...onTransport(transport)],
  });
  return { transport, server, write };
}

function servedSerial(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, servername: NAME, ca: authority.root };
    const socket = connect(options, () => {
      const certificate = socket.getPeerX509Certificate() as X509Certificate;
      socket.destroy();
      resolve(serialOf(certificate));
    });
    socket.on('error', reject);
  });
}
