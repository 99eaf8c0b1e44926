// gatehouse tls log: handshakes as rows, as one array, as JSON lines. Control characters from strangers are
// shown as text.
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import type { Handshake } from '../../../src/connection/admin-api.ts';
import { startFakeAdmin } from '../../fake-admin.ts';
import { gatehouse } from '../../fake-process.ts';

const HANDSHAKE: Handshake = {
  seq: 4,
  time: '2026-03-01T12:00:00.123Z',
  listener: 'gateway',
  address: '192.0.2.7',
  version: 'TLSv1.3',
  cipher: 'TLS_AES_256_GCM_SHA384',
  group: 'X25519MLKEM768',
  sni: 'localhost',
  alpn: 'http/1.1',
  resumed: false,
  peerCertificate: null,
  durationMs: 3.21,
  failure: null,
};
const PATH = 'GET /admin/tls/handshakes';

function serving(t: TestContext, handshakes: Handshake[], events: Handshake[] = []) {
  const stream = `:\n\n: still here\n\n${events.map((each) => `id: 1\ndata: ${JSON.stringify(each)}\n\n`).join('')}`;
  return startFakeAdmin(t, {
    [`${PATH}?limit=100`]: { body: { handshakes } },
    [`${PATH}?limit=2`]: { body: { handshakes: handshakes.slice(-2) } },
    [`${PATH}/stream?after=${handshakes.at(-1)?.seq ?? 0}`]: { body: stream },
  });
}

async function linesOf(t: TestContext, handshakes: Handshake[], ...flags: string[]): Promise<string[]> {
  const admin = await serving(t, handshakes);
  const { stdout } = await gatehouse(['tls', 'log', ...flags], { env: admin.env });
  return stdout.trimEnd().split('\n');
}

test('prints a message instead of a table if there are no handshakes', async (t) => {
  const admin = await serving(t, []);
  const { stdout, stderr } = await gatehouse(['tls', 'log'], { env: admin.env });
  assert.deepEqual([stdout, stderr], ['', 'no TLS handshakes yet\n']);
});

test('prints the column titles, a row for each handshake, and the reason of a failure below its row', async (t) => {
  const lines = await linesOf(t, [
    HANDSHAKE,
    {
      ...HANDSHAKE,
      address: '255.255.255.255',
      version: 'TLSv1.2',
      cipher: 'TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256',
      group: 'X25519',
      durationMs: 9000,
      resumed: true,
      peerCertificate: { serialNumber: '1a2b3c4d5e6f', error: null },
    },
    {
      ...HANDSHAKE,
      version: null,
      cipher: null,
      failure: 'The client offered no application protocol (ALPN) that this server supports.',
    },
  ]);
  assert.deepEqual(
    lines.map((line) => line.split(/ {2,}/)),
    [
      ['TIME', 'ADDRESS', 'TLS', 'CIPHER', 'GROUP', 'MS', 'HOST', 'RESULT', 'CLIENT'],
      [
        '2026-03-01T12:00:00Z',
        '192.0.2.7',
        '1.3',
        'AES256-GCM',
        'X25519MLKEM768',
        '3.2',
        'localhost',
        'full',
        '-',
      ],
      [
        ...['2026-03-01T12:00:00Z', '255.255.255.255', '1.2', 'CHACHA20', 'X25519', '9000.0', 'localhost'],
        ...['resumed', '1a2b3c4d'],
      ],
      ['2026-03-01T12:00:00Z', '192.0.2.7', '-', '-', 'X25519MLKEM768', '3.2', 'localhost', 'failed', '-'],
      ['', 'The client offered no application protocol (ALPN) that this server supports.'],
    ],
  );
});

test('--json prints one array with the fields of each handshake, and no number', async (t) => {
  const admin = await serving(t, [HANDSHAKE]);
  const { stdout } = await gatehouse(['tls', 'log', '--json'], { env: admin.env });
  const { seq: _, ...fields } = HANDSHAKE;
  assert.deepEqual(JSON.parse(stdout), [fields]);
});

test('-n sets the number of handshakes', async (t) => {
  const lines = await linesOf(t, [HANDSHAKE, HANDSHAKE, HANDSHAKE], '-n', '2');
  assert.equal(lines.length, 3);
});

test('--follow --json continues with one document a line, until the server ends', async (t) => {
  const admin = await serving(t, [HANDSHAKE], [{ ...HANDSHAKE, seq: 5, sni: 'other' }]);
  const outcome = await gatehouse(['tls', 'log', '--follow', '--json'], { env: admin.env });
  const documents = outcome.stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line).sni);
  assert.deepEqual(documents, ['localhost', 'other']);
  assert.equal(outcome.status, 3);
  assert.match(outcome.stderr, /so the stream has ended/);
});

test("a stranger's host name does not write to the terminal", async (t) => {
  const hostile = { ...HANDSHAKE, sni: '\u001b]0;owned\u0007' };
  for (const flags of [[], ['--json']]) {
    const [, ...lines] = [...(await linesOf(t, [hostile], ...flags)), ''];
    assert.doesNotMatch(lines.join(''), /\p{Cc}/u);
  }
});
