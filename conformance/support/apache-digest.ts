// Apache with mod_auth_digest on loopback, in the foreground: one page that requires Digest (RFC 7616).
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from './conditions.ts';
import { isListening } from './ports.ts';
import { ENVIRONMENT } from './programs.ts';
import type { RunningWebProxy, WebProxyOptions } from './web-proxies.ts';

const MODULES = ['mpm_event', 'authn_core', 'authn_file', 'authz_core', 'authz_user', 'auth_digest'];

/** Serves `page` with the text `by digest`. */
export async function startApacheDigest({
  folder,
  port,
  username,
  password,
}: WebProxyOptions): Promise<RunningWebProxy> {
  const hash = createHash('md5').update(`${username}:apache:${password}`).digest('hex');
  writeFileSync(join(folder, 'passwords'), `${username}:apache:${hash}\n`);
  writeFileSync(join(folder, 'page'), 'by digest');
  writeFileSync(join(folder, 'apache.conf'), configuration(folder, port));
  chmodSync(folder, 0o755);
  const child = spawn('apache2', ['-f', join(folder, 'apache.conf'), '-D', 'FOREGROUND'], {
    stdio: 'ignore',
    env: ENVIRONMENT,
  });
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  const ended = once(child, 'close');
  await eventually('Apache to listen', () => {
    if (child.exitCode !== null)
      throw new Error(`Apache ended: ${readFileSync(join(folder, 'error.log'), 'utf8')}`);
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

function configuration(folder: string, port: number): string {
  return `${MODULES.map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`).join('\n')}
ServerRoot ${folder}
ServerName 127.0.0.1
Listen 127.0.0.1:${port}
PidFile ${join(folder, 'apache.pid')}
DefaultRuntimeDir ${folder}
ErrorLog ${join(folder, 'error.log')}
User www-data
Group www-data
DocumentRoot ${folder}
<Location />
  AuthType Digest
  AuthName apache
  AuthDigestProvider file
  AuthUserFile ${join(folder, 'passwords')}
  Require valid-user
</Location>
`;
}
