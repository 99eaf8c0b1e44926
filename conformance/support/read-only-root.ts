// A container without an engine: separate namespaces for files, processes and network, a read-only root, and
// a user without rights. Only root can create it.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Outcome } from './gatehouse-command.ts';
import { run } from './gatehouse-command.ts';
import { without } from './programs.ts';

/** The value for `skip`. */
export const withoutNamespaces =
  process.getuid?.() === 0 ? without('ip', '-V', 'iproute2') : 'needs root, to make namespaces';

export interface Container {
  folder: string;
  /** `UID:GID` */
  user: string;
  environment: Record<string, string>;
  /** Runs in the background until the script ends. Its output is in `$DATA/out` and `$DATA/err`. */
  server: readonly string[];
  /**
   * Lines for `sh`, as root. `(as COMMAND)` runs it as the user; `$SERVER` is the process id of the server.
   */
  script: string;
}

/** The data folder is `GATEHOUSE_DATA` in the script and for the user. */
export async function inContainer(container: Container): Promise<Outcome> {
  const { folder, user, environment, server, script } = container;
  const data = join(folder, 'volume');
  const hosts = join(folder, 'hosts');
  mkdirSync(data);
  writeFileSync(hosts, '');
  const [uid = '', gid = ''] = user.split(':');
  const variables = Object.entries({ ...environment, GATEHOUSE_DATA: data }).map((pair) => pair.join('='));
  const lines = `
    ip link set lo up
    mount --make-rprivate /
    mount --bind ${hosts} /etc/hosts
    chown ${user} ${data}
    chmod 700 ${data}
    mount --bind ${data} ${data}
    mount -o remount,bind,ro /
    cd /
    DATA=${data}
    as() { exec setpriv --reuid ${uid} --regid ${gid} --clear-groups --no-new-privs --bounding-set=-all \\
      --inh-caps=-all env -i ${variables.map(quoted).join(' ')} "$@"; }
    as ${server.map(quoted).join(' ')} > $DATA/out 2> $DATA/err &
    SERVER=$!
    ${script}`;
  try {
    return await run('unshare', [...NAMESPACES, 'sh', '-uc', lines]);
  } finally {
    rmSync(data, { recursive: true, force: true });
  }
}

const NAMESPACES = ['--mount', '--net', '--pid', '--fork', '--kill-child', '--mount-proc'];

const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;
