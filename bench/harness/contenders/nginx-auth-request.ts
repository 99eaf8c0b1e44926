// nginx with auth_request: for every request it asks the small caching service for the caller.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Contender } from '../contender.ts';
import { freePorts } from '../free-port.ts';
import type { RsaTokens } from '../rsa-tokens.ts';
import { INSTALL_LUA, luaVersion, startTokenService } from './nginx-lua.ts';
import { passTo, startNginx, tlsServer, upstreamBlock } from './nginx-process.ts';

export function nginxAuthRequest(tokens: RsaTokens): Contender {
  return {
    name: 'nginx auth_request, caching service',
    install: INSTALL_LUA,
    version: luaVersion,
    async start(site) {
      const [servicePort = 0] = await freePorts(1);
      const service = startTokenService({ ...site, folder: serviceFolder(site.folder) }, servicePort, tokens);
      const blocks = [
        upstreamBlock(site.upstreamPort),
        upstreamBlock(servicePort, 'tokens'),
        tlsServer(site, LOCATIONS),
      ];
      const program = startNginx(site, { workers: site.workers, http: blocks.join('') });
      return { program, companions: [service], root: site.tls.root, credentials: tokens.credentials };
    },
  };
}

export function serviceFolder(folder: string): string {
  const path = join(folder, 'service');
  mkdirSync(path);
  return path;
}

const LOCATIONS = `
      location = /verify {
        internal;
        proxy_pass http://tokens;
        proxy_http_version 1.1;
        proxy_pass_request_body off;
        proxy_set_header Content-Length "";
        proxy_set_header Connection "";
      }
      location / {
        auth_request /verify;
        auth_request_set $user $upstream_http_x_user;
        ${passTo('http://api')}
        proxy_set_header X-User $user;
      }`;
