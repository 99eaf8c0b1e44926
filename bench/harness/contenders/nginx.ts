// nginx as a plain TLS proxy.
import type { Contender } from '../contender.ts';
import { nginxVersion, passTo, startNginx, tlsServer, upstreamBlock } from './nginx-process.ts';

export const nginx: Contender = {
  name: 'nginx',
  install: 'apt-get install nginx',
  version: nginxVersion,
  async start(site) {
    const proxy = tlsServer(site, `location / { ${passTo('http://api')} }`);
    const http = upstreamBlock(site.upstreamPort) + proxy;
    return { program: startNginx(site, { workers: site.workers, http }), root: site.tls.root };
  },
};
