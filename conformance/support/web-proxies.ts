// Debian's squid and tinyproxy on loopback, in the foreground, with their files in one folder. Both require a
// name and a password: squid by Basic or Digest, tinyproxy by Basic.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from './conditions.ts';
import { isListening } from './ports.ts';
import { ENVIRONMENT } from './programs.ts';

export interface WebProxyOptions {
  /** The proxy's own user must be able to read it. */
  folder: string;
  port: number;
  username: string;
  password: string;
}

export interface RunningWebProxy {
  url: string;
  stop(): Promise<void>;
}

/** Squid offers Digest and Basic. */
export function startSquid(options: WebProxyOptions): Promise<RunningWebProxy> {
  const { folder, username, password } = options;
  const passwords = join(folder, 'passwords');
  writeFileSync(passwords, `${username}:${password}\n`);
  // The helper for Basic reads a line of name and password, and answers OK or ERR.
  const helper = join(folder, 'basic-helper.sh');
  const check = `[ "$line" = "${username} ${password}" ] && echo OK || echo ERR`;
  writeFileSync(helper, `#!/bin/sh\nwhile read -r line; do ${check}; done\n`);
  chmodSync(helper, 0o755);
  chmodSync(folder, 0o777);
  const file = join(folder, 'squid.conf');
  writeFileSync(file, squidConfiguration(options, passwords, helper));
  return start('squid', ['-N', '-f', file], options);
}

function squidConfiguration({ folder, port }: WebProxyOptions, passwords: string, helper: string): string {
  return `http_port 127.0.0.1:${port}
auth_param digest program /usr/lib/squid/digest_file_auth ${passwords}
auth_param digest children 1
auth_param digest realm squid
auth_param basic program ${helper}
auth_param basic children 1
auth_param basic realm squid
acl known proxy_auth REQUIRED
acl forbidden dstdomain forbidden.localhost
http_access deny forbidden
http_access allow known
http_access deny all
cache deny all
cache_mem 8 MB
access_log none
cache_log ${join(folder, 'cache.log')}
pid_filename none
shutdown_lifetime 0 seconds
pinger_enable off
`;
}

/** Tinyproxy with Basic. */
export function startTinyproxy(options: WebProxyOptions): Promise<RunningWebProxy> {
  const { folder, port, username, password } = options;
  const file = join(folder, 'tinyproxy.conf');
  writeFileSync(
    file,
    `Listen 127.0.0.1\nPort ${port}\nTimeout 30\nMaxClients 20\nBasicAuth ${username} ${password}\n`,
  );
  return start('tinyproxy', ['-d', '-c', file], options);
}

async function start(
  program: string,
  args: string[],
  { port, folder }: WebProxyOptions,
): Promise<RunningWebProxy> {
  const child = spawn(program, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'], env: ENVIRONMENT });
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += chunk));
  const ended = once(child, 'close');
  await eventually(`${program} to listen`, () => {
    if (child.exitCode !== null) throw new Error(`${program} ended: ${said}`);
    return isListening(port);
  });
  return {
    url: `http://127.0.0.1:${port}`,
    async stop() {
      child.kill('SIGTERM');
      await ended;
      process.off('exit', kill);
    },
  };
}
