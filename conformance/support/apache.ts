// Apache as a TLS server that signs people in with mod_auth_openidc, in the foreground, with all its files in
// one folder.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, closeSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from './conditions.ts';
import { isListening } from './ports.ts';
import { ENVIRONMENT, without } from './programs.ts';

const MODULES = '/usr/lib/apache2/modules';
const LOG = 'error.log';
const PACKAGES = 'apache2 libapache2-mod-auth-openidc';

export interface ApacheOptions {
  /**
   * The folder for its configuration, its pages and its output. Its workers run as another user, who must be
   * able to enter the folder.
   */
  folder: string;
  port: number;
  /** Paths of the chain and its key. */
  certificate: string;
  key: string;
  /** The lines that a reader of the docs adds to the configuration of a site. */
  site: string;
  /** By name: the page in the folder `pages`, with Apache's server-side includes. */
  pages: Record<string, string>;
}

export interface RunningApache {
  stop(): Promise<void>;
}

/** The value for `skip`: false when Apache and its module are installed. */
export function withoutApache(): string | false {
  const isInstalled = !without('apache2', '-v') && existsSync(`${MODULES}/mod_auth_openidc.so`);
  return isInstalled ? false : `needs apache2 with mod_auth_openidc (apt-get install ${PACKAGES})`;
}

/** Rejects with its output if it does not start. */
export async function startApache(options: ApacheOptions): Promise<RunningApache> {
  const { folder, port, pages } = options;
  const file = join(folder, 'apache.conf');
  writeFileSync(file, configuration(options));
  mkdirSync(join(folder, 'pages'));
  for (const [name, text] of Object.entries(pages)) writeFileSync(join(folder, 'pages', name), text);
  chmodSync(folder, 0o755);
  const log = openSync(join(folder, LOG), 'a');
  const child = spawn('apache2', ['-f', file, '-D', 'FOREGROUND'], {
    stdio: ['ignore', 'ignore', log],
    env: ENVIRONMENT,
  });
  closeSync(log);
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  const ended = once(child, 'close');
  // It opens its port before it has read everything.
  await eventually('Apache to listen', () => {
    if (child.exitCode !== null) throw new Error(`Apache ended: ${readFileSync(join(folder, LOG), 'utf8')}`);
    return existsSync(join(folder, 'apache.pid')) && isListening(port);
  });
  return {
    async stop() {
      child.kill('SIGTERM');
      await ended;
      process.off('exit', kill);
    },
  };
}

function configuration({ folder, port, certificate, key, site }: ApacheOptions): string {
  const modules = [
    'mpm_event',
    'authn_core',
    'authz_core',
    'authz_user',
    'dir',
    'mime',
    'include',
    'ssl',
    'auth_openidc',
  ];
  return `${modules.map((name) => `LoadModule ${name}_module ${MODULES}/mod_${name}.so`).join('\n')}
User www-data
Group www-data
ServerRoot ${folder}
DefaultRuntimeDir ${folder}
PidFile ${folder}/apache.pid
ErrorLog ${join(folder, LOG)}
LogLevel warn
StartServers 1
Listen 127.0.0.1:${port}
ServerName localhost:${port}
UseCanonicalName On
DocumentRoot ${folder}/pages
TypesConfig /dev/null
AddType text/html .html
AddOutputFilter INCLUDES .html
<Directory ${folder}/pages>
  Options +Includes
</Directory>
SSLEngine on
SSLCertificateFile ${certificate}
SSLCertificateKeyFile ${key}
${site}
`;
}
