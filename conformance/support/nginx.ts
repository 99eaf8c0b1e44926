// nginx as a TLS server for one certificate, in the foreground, with all its files in one folder.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from './conditions.ts';
import { isListening } from './ports.ts';
import { ENVIRONMENT } from './programs.ts';

export interface NginxOptions {
  /** For its configuration and its output. */
  folder: string;
  port: number;
  /** Paths of the chain and its key. */
  certificate: string;
  key: string;
  /**
   * Paths of the roots of clients, and of the revocation lists of the whole chain. Without them, it requests
   * no certificate.
   */
  clients?: { roots: string; lists: string };
  /** Directives of `location /`; default: it answers with a text. */
  location?: string;
  /** Further directives of the server. */
  server?: string;
  /** Directives at the top, such as those that load modules, and of `http`. */
  main?: string;
  http?: string;
}

const TEXT = "default_type text/plain; return 200 'served by nginx';";

export interface RunningNginx {
  stop(): Promise<void>;
}

/**
 * Without `location`, it answers every request with `served by nginx`. Rejects with its output if it does not
 * start.
 */
export async function startNginx(options: NginxOptions): Promise<RunningNginx> {
  const { folder, port } = options;
  writeFileSync(join(folder, 'nginx.conf'), configuration(options));
  const child = spawn('nginx', ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', 'stderr'], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: ENVIRONMENT,
  });
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk;
  });
  const ended = once(child, 'close');
  await eventually('nginx to listen', () => {
    if (child.exitCode !== null) throw new Error(`nginx ended: ${said}`);
    return isListening(port);
  });
  return {
    async stop() {
      child.kill('SIGTERM');
      await ended;
      process.off('exit', kill);
    },
  };
}

function configuration({
  folder,
  port,
  certificate,
  key,
  clients,
  location = TEXT,
  server = '',
  main = '',
  http = '',
}: NginxOptions): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${join(folder, name)};`)
    .join(' ');
  return `${main}
daemon off;
master_process off;
pid ${join(folder, 'nginx.pid')};
events {}
http {
  ${temporary}
  access_log off;
  ${http}
  server {
    listen 127.0.0.1:${port} ssl;
    ssl_certificate ${certificate};
    ssl_certificate_key ${key};
    ${clients === undefined ? '' : clientChecks(clients)}
    location / { ${location} }
    ${server}
  }
}
`;
}

function clientChecks({ roots, lists }: NonNullable<NginxOptions['clients']>): string {
  return `ssl_verify_client on; ssl_verify_depth 2; ssl_client_certificate ${roots}; ssl_crl ${lists};`;
}
