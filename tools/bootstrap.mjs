// `npm start` and `npm test` call this, also on a clean clone. It installs the packages of the lockfile if
// they are missing, then runs `gatehouse`, or a file of this folder, in the pinned Node. Plain JavaScript for
// Node 20 and newer.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { programFile } from '../packages/cli/bin/clone.mjs';
import { becomeIn, findRuntime, runIn } from '../packages/cli/bin/runtime.mjs';
import { isInstalled } from './lockfile.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const PARENT_CHECK_MS = 250;

function install() {
  if (isInstalled(root)) return;
  process.stderr.write('Installing dependencies (once) …\n');
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const result = spawnSync(npm, ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  });
  if (result.status !== 0) {
    throw new Error(
      '"npm ci" failed (see above): check the network and the registry setting, then run this again.',
    );
  }
}

// npm sends a signal to the shell between it and this process. That shell ends without passing it on.
function endWithParent(child) {
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) child.kill('SIGTERM');
  }, PARENT_CHECK_MS).unref();
}

try {
  install();
  const [entry, ...args] = process.argv.slice(2);
  // If it is installed, npm starts this file in the pinned Node, and the server can replace the process.
  if (entry === 'gatehouse') endWithParent(becomeIn(findRuntime(), programFile(), args));
  else endWithParent(runIn(findRuntime(), join(root, entry), args));
} catch (error) {
  process.stderr.write(`gatehouse: ${error.message}\n`);
  process.exitCode = 1;
}
