// Caddy as a contender. It sets X-Forwarded-* by itself, and chooses the cipher suite by itself.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Contender, Site } from '../contender.ts';
import { programVersion, requireProgram } from '../installed-program.ts';
import { startProgram } from '../running-program.ts';

// Kept upstream connections: more than the load has clients. Caddy's own default, 32, would cost it half of them.
const KEPT_CONNECTIONS = 128;

export const caddy: Contender = {
  name: 'Caddy',
  install: 'apt-get install caddy',
  version: () => programVersion('caddy', ['version']),
  async start(site) {
    const file = join(site.folder, 'Caddyfile');
    writeFileSync(file, configuration(site));
    const args = ['run', '--config', file, '--adapter', 'caddyfile'];
    // Whatever it keeps beside its configuration stays in this folder as well.
    const folders = { HOME: site.folder, XDG_DATA_HOME: site.folder, XDG_CONFIG_HOME: site.folder };
    const environment = { ...folders, GOMAXPROCS: String(site.workers) };
    const program = startProgram({ command: requireProgram('caddy'), args, environment }, site.stack);
    return { program, root: site.tls.root, headers: {} };
  },
};

function configuration({ port, upstreamPort, tls, folder }: Site): string {
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
  reverse_proxy 127.0.0.1:${upstreamPort} {
    transport http {
      compression off
      keepalive_idle_conns_per_host ${KEPT_CONNECTIONS}
    }
  }
}
`;
}
