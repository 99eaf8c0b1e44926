// Listening, and the one line that says what to do if it fails.
import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { listen, listenFailure, probePort } from '../../../src/platform/listening/listener.ts';
import { lineRefusal } from '../../support/errors.ts';

async function takePort(t: TestContext): Promise<number> {
  const server = createServer();
  t.after(() => new Promise<void>((resolve) => server.close(() => resolve())));
  return listen(server, { host: '127.0.0.1', port: 0 }, 'pki.listen');
}

test('returns the port that the system chose', async (t) => {
  assert.ok((await takePort(t)) > 0);
});

test('a taken port is an error in one line that names the setting', async (t) => {
  const port = await takePort(t);
  const expected = lineRefusal(
    'listen_failed',
    new RegExp(
      `^Port 127\\.0\\.0\\.1:${port} is taken: stop the program that uses it, or listen elsewhere with --set pki\\.listen=127\\.0\\.0\\.1:PORT\\.$`,
    ),
  );
  const address = { host: '127.0.0.1', port };
  await assert.rejects(listen(createServer(), address, 'pki.listen'), expected);
  await assert.rejects(probePort(address, 'pki.listen'), expected);
});

test('probing leaves the port free', async (t) => {
  const port = await probePort({ host: '127.0.0.1', port: 0 }, 'pki.listen');
  const server = createServer();
  t.after(() => new Promise<void>((resolve) => server.close(() => resolve())));
  assert.equal(await listen(server, { host: '127.0.0.1', port }, 'pki.listen'), port);
});

test('for an address that this machine does not have, the error names the setting to correct', async () => {
  // TEST-NET-1 (RFC 5737) belongs to no machine.
  await assert.rejects(
    listen(createServer(), { host: '192.0.2.1', port: 0 }, 'control.listen'),
    lineRefusal('listen_failed', /no address 192\.0\.2\.1: correct control\.listen\.$/),
  );
});

test('the error says what to do for a port that this user may not use, and for other failures', () => {
  const address = { host: '127.0.0.1', port: 443 };
  const failure = (code: string) =>
    listenFailure(Object.assign(new Error('why'), { code }), address, 'gateway.listen');
  assert.match(
    failure('EACCES').message,
    /^Listening on 127\.0\.0\.1:443 is not allowed .* port above 1023, or .*gateway\.listen=/,
  );
  assert.match(
    failure('EINVAL').message,
    /^Cannot listen on 127\.0\.0\.1:443 \(why\): correct gateway\.listen\.$/,
  );
});
