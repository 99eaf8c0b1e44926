// The key log (NSS key log format, RFC 9850): a process of the gateway writes the secrets of its sessions
// only if tls.keyLog is set, and only into that file.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, it } from 'node:test';
import { connect } from 'node:tls';
import { eventually } from './support/conditions.ts';
import { startServer } from './support/server-under-test.ts';
import { onTransport } from './support/transports.ts';

const UPSTREAM = 'http://127.0.0.1:9';
// Only Node can write a key log, so this setting chooses Node.
const [logging, silent] = await Promise.all([
  startServer({ upstream: UPSTREAM, set: ['tls.keyLog=keys.log', 'gateway.workers=1'] }),
  startServer({ upstream: UPSTREAM, set: ['gateway.workers=1', ...onTransport('node')] }),
]);
after(() => Promise.all([logging.stop(), silent.stop()]));

it('has the secrets of a connection to the gateway, only for its owner', async () => {
  const path = join(logging.data, 'keys.log');
  const secrets = await secretsOf(logging);
  const written = () => readFileSync(path, 'latin1').split('\n');
  await eventually('the secrets', () => secrets.every((line) => written().includes(line)));
  assert.equal(statSync(path).mode & 0o777, 0o600);
});

it('is not written by default', async () => {
  const secrets = await secretsOf(silent);
  for (const file of filesIn(silent.data)) {
    const content = readFileSync(file, 'latin1');
    for (const line of secrets) assert.ok(!content.includes(line.split(' ')[2] ?? ''), file);
  }
});

/** The lines that a client would write about a connection after an answer. */
function secretsOf({ port, ca }: { port: number; ca: string }): Promise<string[]> {
  const lines: string[] = [];
  const socket = connect({ host: '127.0.0.1', port, servername: 'localhost', ca });
  socket.on('keylog', (line: Buffer) => lines.push(line.toString('latin1').trimEnd()));
  socket.write('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
  return new Promise((resolve, reject) => {
    socket.on('error', reject);
    socket.resume().on('end', () => {
      assert.ok(lines.some((line) => line.startsWith('CLIENT_TRAFFIC_SECRET_0 ')));
      // Only servers that accept early data or export keys have the others.
      resolve(lines.filter((line) => /^(?:CLIENT|SERVER)_(?:HANDSHAKE_)?TRAFFIC_SECRET/.test(line)));
    });
  });
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
}
