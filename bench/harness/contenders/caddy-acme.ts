// Caddy's `acme_server` as an ACME contender, with its own authority. It stores in bbolt, which syncs each
// commit; it validates http-01 only on port 80.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Contender, OwnSite } from '../contender.ts';
import { programVersion, requireProgram } from '../installed-program.ts';
import type { RunningProgram } from '../running-program.ts';
import { startProgram } from '../running-program.ts';

export interface StartedAcme {
  program: RunningProgram;
  /** URL. */
  directory: string;
  /** PEM of the root of its own TLS certificate. */
  root: string;
}

export const caddyAcme: Contender<OwnSite, StartedAcme> = {
  name: 'Caddy',
  install: 'apt-get install caddy',
  version: () => programVersion('caddy', ['version']),
  async start(site) {
    const file = join(site.folder, 'Caddyfile');
    writeFileSync(file, configuration(site));
    const args = ['run', '--config', file, '--adapter', 'caddyfile'];
    const environment = { HOME: site.folder, XDG_DATA_HOME: site.folder, XDG_CONFIG_HOME: site.folder };
    const program = startProgram({ command: requireProgram('caddy'), args, environment }, site.stack);
    const directory = `https://localhost:${site.port}/acme/local/directory`;
    return { program, directory, root: site.tls.root };
  },
};

// Its root must not be added to the system's store.
function configuration({ port, tls, folder }: OwnSite): string {
  return `{
  admin off
  auto_https off
  skip_install_trust
  storage file_system ${folder}
  servers {
    protocols h1
  }
}
https://localhost:${port} {
  bind 127.0.0.1
  tls ${tls.chainFile} ${tls.keyFile} {
    protocols tls1.3
  }
  acme_server
}
`;
}
