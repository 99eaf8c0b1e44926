// nginx, twice: as the one upstream behind every contender, and as a contender.
import { mkdirSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import type { Contender, Site } from '../contender.ts';
import { programVersion, requireProgram } from '../installed-program.ts';
import { startProgram } from '../running-program.ts';
import { CIPHER } from '../tls-files.ts';

// Kept upstream connections: more than the load has clients.
const KEPT_CONNECTIONS = 128;

export const nginx: Contender = {
  name: 'nginx',
  install: 'apt-get install nginx',
  version: () => programVersion('nginx', ['-v']),
  async start(site) {
    const program = startNginx(site, site.workers, proxyBlocks(site));
    return { program, root: site.tls.root, headers: {} };
  },
};

/** Starts the upstream: it answers every request with `body` and needs as little time for it as can be. */
export function startUpstream(site: Pick<Site, 'folder' | 'port' | 'stack'>, body: string) {
  const blocks = `
    server {
      listen 127.0.0.1:${site.port} backlog=1024;
      default_type text/plain;
      location / { return 200 "${body}"; }
    }`;
  return startNginx(site, 1, blocks);
}

function proxyBlocks({ port, upstreamPort, tls }: Site): string {
  return `
    upstream api {
      server 127.0.0.1:${upstreamPort};
      keepalive ${KEPT_CONNECTIONS};
      keepalive_requests 1000000000;
    }
    server {
      listen 127.0.0.1:${port} ssl backlog=1024;
      ssl_certificate ${tls.chainFile};
      ssl_certificate_key ${tls.keyFile};
      ssl_protocols TLSv1.3;
      ssl_conf_command Ciphersuites ${CIPHER};
      location / {
        proxy_pass http://api;
        proxy_http_version 1.1;
        proxy_set_header Connection "";
        proxy_set_header Host $http_host;
        proxy_set_header X-Forwarded-For $remote_addr;
        proxy_set_header X-Forwarded-Proto $scheme;
        proxy_set_header X-Forwarded-Host $http_host;
      }
    }`;
}

function startNginx({ folder, stack }: Pick<Site, 'folder' | 'stack'>, workers: number, blocks: string) {
  const file = join(folder, 'nginx.conf');
  for (const kind of ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']) mkdirSync(join(folder, kind));
  writeFileSync(file, nginxConfiguration(folder, workers, blocks));
  const args = ['-e', 'stderr', '-p', folder, '-c', file];
  return startProgram({ command: requireProgram('nginx'), args }, stack);
}

function nginxConfiguration(folder: string, workers: number, blocks: string): string {
  return `
  daemon off;
  # Only the superuser can start workers as somebody else, and they must read this folder.
  ${process.getuid?.() === 0 ? `user ${userInfo().username};` : ''}
  worker_processes ${workers};
  pid ${join(folder, 'nginx.pid')};
  error_log stderr warn;
  events { worker_connections 1024; }
  http {
    access_log off;
    client_body_temp_path client_body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    keepalive_timeout 600s;
    keepalive_requests 1000000000;
    ${blocks}
  }`;
}
