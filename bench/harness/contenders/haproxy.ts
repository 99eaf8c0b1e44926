// HAProxy as a contender.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Contender, Site } from '../contender.ts';
import { programVersion, requireProgram } from '../installed-program.ts';
import { startProgram } from '../running-program.ts';
import { CIPHER } from '../tls-files.ts';

export const haproxy: Contender = {
  name: 'HAProxy',
  install: 'apt-get install haproxy',
  version: () => programVersion('haproxy', ['-v']),
  async start(site) {
    const file = join(site.folder, 'haproxy.cfg');
    writeFileSync(file, configuration(site));
    const command = requireProgram('haproxy');
    const program = startProgram({ command, args: ['-db', '-f', file] }, site.stack);
    return { program, root: site.tls.root, headers: {} };
  },
};

function configuration({ port, upstreamPort, tls, workers }: Site): string {
  return `global
  nbthread ${workers}
  maxconn 2000
defaults
  mode http
  no log
  timeout connect 5s
  timeout client 600s
  timeout server 600s
  timeout http-keep-alive 600s
  http-reuse always
frontend clients
  bind 127.0.0.1:${port} ssl crt ${tls.chainAndKeyFile} alpn http/1.1 ssl-min-ver TLSv1.3 ciphersuites ${CIPHER}
  option forwardfor
  http-request set-header X-Forwarded-Proto https
  http-request set-header X-Forwarded-Host %[req.hdr(host)]
  default_backend api
backend api
  server api 127.0.0.1:${upstreamPort}
`;
}
