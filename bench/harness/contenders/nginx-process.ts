// nginx as a separate process, and as the one upstream behind every contender.
import { mkdirSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import type { Site } from '../contender.ts';
import { programVersion, requireProgram } from '../installed-program.ts';
import type { RunningProgram } from '../running-program.ts';
import { startProgram } from '../running-program.ts';
import { CIPHER } from '../tls-files.ts';

/** Open upstream connections: more than the load has clients. */
export const KEPT_CONNECTIONS = 128;
/** At this path, the upstream answers with the caller from the gateway. */
export const CALLER_PATH = '/caller';

export const nginxVersion = () => programVersion('nginx', ['-v']);

type Place = Pick<Site, 'folder' | 'stack'> & Partial<Pick<Site, 'cores' | 'accessLog'>>;

export interface NginxBlocks {
  workers: number;
  /** Modules to load, by path. */
  modules?: readonly string[];
  /** Within `http`. */
  http: string;
}

export function startNginx(
  { folder, stack, cores, accessLog = false }: Place,
  blocks: NginxBlocks,
): RunningProgram {
  const file = join(folder, 'nginx.conf');
  for (const kind of ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']) mkdirSync(join(folder, kind));
  // Written in batches, like in Gatehouse.
  const log = accessLog ? `${join(folder, 'access.log')} combined buffer=64k flush=1s` : 'off';
  writeFileSync(file, configuration(folder, log, blocks));
  const args = ['-e', 'stderr', '-p', folder, '-c', file];
  return startProgram({ command: requireProgram('nginx'), args, cores }, stack);
}

/** Starts the upstream: it answers every request with `body`, in as little time as possible. */
export function startUpstream(site: Pick<Site, 'folder' | 'port' | 'stack'>, body: string): RunningProgram {
  const http = `
    server {
      listen 127.0.0.1:${site.port} backlog=1024;
      default_type text/plain;
      location / { return 200 "${body}"; }
      location = ${CALLER_PATH} { return 200 "$http_gatehouse_assertion$http_x_user"; }
    }`;
  return startNginx(site, { workers: 1, http });
}

/** The upstream with the name `api`. */
export function upstreamBlock(port: number, name = 'api'): string {
  return `
    upstream ${name} {
      server 127.0.0.1:${port};
      keepalive ${KEPT_CONNECTIONS};
      keepalive_requests 1000000000;
    }`;
}

/** A server with the same TLS as all contenders. */
export function tlsServer({ port, tls }: Site, locations: string): string {
  return `
    server {
      listen 127.0.0.1:${port} ssl backlog=1024;
      ssl_certificate ${tls.chainFile};
      ssl_certificate_key ${tls.keyFile};
      ssl_protocols TLSv1.3;
      ssl_conf_command Ciphersuites ${CIPHER};
      ${locations}
    }`;
}

/** Passes a request on; bodies are not written to disk. */
export function passTo(url: string): string {
  return `
        proxy_pass ${url};
        proxy_http_version 1.1;
        proxy_request_buffering off;
        proxy_max_temp_file_size 0;
        client_max_body_size 0;
        proxy_set_header Connection "";
        proxy_set_header Host $http_host;
        proxy_set_header X-Forwarded-For $remote_addr;
        proxy_set_header X-Forwarded-Proto $scheme;
        proxy_set_header X-Forwarded-Host $http_host;`;
}

function configuration(folder: string, log: string, { workers, modules = [], http }: NginxBlocks): string {
  return `
  ${modules.map((path) => `load_module ${path};`).join('\n  ')}
  daemon off;
  # Only the superuser can start workers as another user, and those must read this folder.
  ${process.getuid?.() === 0 ? `user ${userInfo().username};` : ''}
  worker_processes ${workers};
  worker_rlimit_nofile 20000;
  pid ${join(folder, 'nginx.pid')};
  error_log stderr warn;
  events { worker_connections 8192; }
  http {
    access_log ${log};
    client_body_temp_path client_body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    keepalive_timeout 600s;
    keepalive_requests 1000000000;
    ${http}
  }`;
}
