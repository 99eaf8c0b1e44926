// Caddy as a plain TLS proxy, and with forward_auth: for every request it asks the small caching service for
// the caller. It sets X-Forwarded-* by itself, and chooses the cipher suite by itself.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Contender, Site } from '../contender.ts';
import { freePorts } from '../free-port.ts';
import { programVersion, requireProgram } from '../installed-program.ts';
import type { RsaTokens } from '../rsa-tokens.ts';
import type { RunningProgram } from '../running-program.ts';
import { startProgram } from '../running-program.ts';
import { serviceFolder } from './nginx-auth-request.ts';
import { INSTALL_LUA, luaVersion, startTokenService } from './nginx-lua.ts';

// Open upstream connections: more than the load has clients. With Caddy's own default, 32, half of them would
// not be reused.
const KEPT_CONNECTIONS = 128;

const caddyVersion = () => programVersion('caddy', ['version']);

export const caddy: Contender = {
  name: 'Caddy',
  install: 'apt-get install caddy',
  version: caddyVersion,
  async start(site) {
    return { program: startCaddy(site), root: site.tls.root };
  },
};

export function caddyForwardAuth(tokens: RsaTokens): Contender {
  return {
    name: 'Caddy forward_auth, caching service',
    install: `apt-get install caddy; ${INSTALL_LUA}`,
    version: () => luaVersion() && caddyVersion(),
    async start(site) {
      const [servicePort = 0] = await freePorts(1);
      const service = startTokenService({ ...site, folder: serviceFolder(site.folder) }, servicePort, tokens);
      const check = `forward_auth 127.0.0.1:${servicePort} {
    uri /verify
    copy_headers X-User
    ${TRANSPORT}
  }`;
      const program = startCaddy(site, check);
      return { program, companions: [service], root: site.tls.root, credentials: tokens.credentials };
    },
  };
}

function startCaddy(site: Site, check = ''): RunningProgram {
  const file = join(site.folder, 'Caddyfile');
  writeFileSync(file, configuration(site, check));
  const args = ['run', '--config', file, '--adapter', 'caddyfile'];
  // Its other files are also in this folder.
  const folders = { HOME: site.folder, XDG_DATA_HOME: site.folder, XDG_CONFIG_HOME: site.folder };
  const environment = { ...folders, GOMAXPROCS: String(site.workers) };
  const { cores } = site;
  return startProgram({ command: requireProgram('caddy'), args, environment, cores }, site.stack);
}

const TRANSPORT = `transport http {
      compression off
      keepalive_idle_conns_per_host ${KEPT_CONNECTIONS}
    }`;

function configuration({ port, upstreamPort, tls, folder, accessLog }: Site, check: string): string {
  return `{
  admin off
  auto_https off
  storage file_system ${folder}
  servers {
    protocols h1
  }
}
https://:${port} {
  bind 127.0.0.1
  tls ${tls.chainFile} ${tls.keyFile} {
    protocols tls1.3
  }
  ${accessLog ? `log {\n    output file ${join(folder, 'access.log')}\n  }` : ''}
  ${check}
  reverse_proxy 127.0.0.1:${upstreamPort} {
    ${TRANSPORT}
  }
}
`;
}
