// The messages to systemd (sd_notify(3)). A program that records them replaces systemd-notify.
import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { notifyServiceManager } from '../../../src/commands/up/service-manager.ts';
import { createFakeProcess } from '../../fake-process.ts';

const SOCKET = '/run/systemd/notify';

function folderWith(t: TestContext, script?: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-notify-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  if (script === undefined) return folder;
  writeFileSync(join(folder, 'systemd-notify'), `#!/bin/sh\n${script}\n`);
  chmodSync(join(folder, 'systemd-notify'), 0o755);
  return folder;
}

test("sends the assignments, and passes on only the socket's address from the environment", async (t) => {
  const folder = folderWith(t, 'echo "$NOTIFY_SOCKET|$SECRET|$*" > "$(dirname "$0")/told"');
  const env = { NOTIFY_SOCKET: SOCKET, PATH: `${folder}:/usr/bin:/bin`, SECRET: 'x' };
  const process = createFakeProcess({ env });
  await notifyServiceManager(process, 'READY=1', 'STATUS=Serving');
  assert.equal(readFileSync(join(folder, 'told'), 'utf8'), `${SOCKET}||READY=1 STATUS=Serving\n`);
  assert.equal(process.written.stderr, '');
});

test('does nothing without a service manager', async (t) => {
  const process = createFakeProcess({ env: { PATH: folderWith(t) } });
  await notifyServiceManager(process, 'READY=1');
  assert.equal(process.written.stderr, '');
});

test('warns in one line, with what to do, if systemd-notify is missing or fails', async (t) => {
  for (const [script, why] of [
    [undefined, /there is no systemd-notify on the PATH/],
    ['exit 3', /Command failed/],
  ] as const) {
    const process = createFakeProcess({ env: { NOTIFY_SOCKET: SOCKET, PATH: folderWith(t, script) } });
    await notifyServiceManager(process, 'READY=1');
    const { stderr } = process.written;
    assert.match(stderr, why);
    assert.match(stderr, /^gatehouse: warning: the server cannot tell systemd READY=1, .*Type=exec\n$/);
  }
});
