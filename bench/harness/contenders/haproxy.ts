// HAProxy as a plain TLS proxy, and as one that verifies the token of each request: `jwt_verify`, without a
// cache.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Contender, Site } from '../contender.ts';
import { programVersion, requireProgram } from '../installed-program.ts';
import type { RsaTokens } from '../rsa-tokens.ts';
import type { RunningProgram } from '../running-program.ts';
import { startProgram } from '../running-program.ts';
import { CIPHER } from '../tls-files.ts';

const INSTALLED = {
  install: 'apt-get install haproxy',
  version: () => programVersion('haproxy', ['-v']),
};

export const haproxy: Contender = {
  ...INSTALLED,
  name: 'HAProxy',
  async start(site) {
    return { program: startHaproxy(site), root: site.tls.root };
  },
};

export function haproxyJwtVerify(tokens: RsaTokens): Contender {
  return {
    ...INSTALLED,
    name: 'HAProxy jwt_verify, no cache',
    async start(site) {
      const program = startHaproxy(site, checkOf(tokens));
      return { program, root: site.tls.root, credentials: tokens.credentials };
    },
  };
}

function startHaproxy(site: Site, check = ''): RunningProgram {
  const file = join(site.folder, 'haproxy.cfg');
  writeFileSync(file, configuration(site, check));
  const args = ['-db', '-f', file];
  // It cannot log to a file itself.
  const outputFile = site.accessLog ? join(site.folder, 'access.log') : undefined;
  const { cores } = site;
  return startProgram({ command: requireProgram('haproxy'), args, cores, outputFile }, site.stack);
}

function checkOf({ publicKeyFile, issuer, audience }: RsaTokens): string {
  const claim = (name: string) => `var(txn.token),jwt_payload_query('$.${name}')`;
  return `
  http-request set-var(txn.token) http_auth_bearer
  http-request set-var(txn.now) date()
  http-request set-var(txn.expires) var(txn.token),jwt_payload_query('$.exp','int')
  http-request deny deny_status 401 unless { var(txn.token),jwt_header_query('$.alg') -m str RS256 }
  http-request deny deny_status 401 unless { var(txn.token),jwt_verify(RS256,"${publicKeyFile}") 1 }
  http-request deny deny_status 401 unless { ${claim('iss')} -m str ${issuer} }
  http-request deny deny_status 401 unless { ${claim('aud')} -m str ${audience} }
  http-request deny deny_status 401 unless { var(txn.expires),sub(txn.now) -m int gt 0 }
  http-request deny deny_status 401 unless { ${claim('roles[0]')} -m str user }
  http-request set-header X-User %[${claim('sub')}]`;
}

function configuration({ port, upstreamPort, tls, workers, accessLog }: Site, check: string): string {
  return `global
  nbthread ${workers}
  maxconn 8000
  ${accessLog ? 'log stdout format raw local0' : ''}
defaults
  mode http
  ${accessLog ? 'log global\n  option httplog' : 'no log'}
  timeout connect 5s
  timeout client 600s
  timeout server 600s
  timeout http-keep-alive 600s
  http-reuse always
frontend clients
  bind 127.0.0.1:${port} ssl crt ${tls.chainAndKeyFile} alpn http/1.1 ssl-min-ver TLSv1.3 ciphersuites ${CIPHER}
  option forwardfor${check}
  http-request set-header X-Forwarded-Proto https
  http-request set-header X-Forwarded-Host %[req.hdr(host)]
  default_backend api
backend api
  server api 127.0.0.1:${upstreamPort}
`;
}
