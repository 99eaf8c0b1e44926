// What `gatehouse inspect` prints for people.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Report } from '../../../src/commands/inspect/report.ts';
import { inWords } from '../../../src/commands/inspect/words.ts';
import { createScreen } from '../../../src/output/screen.ts';

const REPORT: Report = {
  host: 'localhost',
  port: 8443,
  serverName: 'localhost',
  address: '127.0.0.1',
  trusted: false,
  roots: `/home/alice/${'projects/'.repeat(4)}.gatehouse/root.pem, and the roots of Node`,
  tls: {
    version: 'TLSv1.3',
    cipher: 'TLS_AES_128_GCM_SHA256',
    group: 'X25519MLKEM768',
    alpn: null,
    resumes: false,
    clientCertificate: 'not required',
    handshakeMs: 1,
  },
  versions: null,
  chain: [],
  revocation: { verdict: 'not checked', mustStaple: false, sources: [] },
  pinMatches: null,
  problems: [],
};

test('the verdict fits a terminal of 80 columns, in lines that end between words', () => {
  const screen = createScreen({ isTTY: true, columns: 80 }, { NO_COLOR: '1' });
  const lines = inWords(REPORT, screen, new Date());
  const verdict = lines.slice(1, lines.indexOf(''));
  assert.ok(verdict.every((line) => line.length <= 80));
  const text = verdict.map((line) => line.trimStart()).join(' ');
  assert.equal(text, `✗ not trusted (by ${REPORT.roots})`);
});
