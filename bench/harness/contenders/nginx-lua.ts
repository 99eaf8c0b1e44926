// nginx with a token check in Lua: in front of the upstream, and as the small caching service that others ask
// over HTTP.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Contender, Site } from '../contender.ts';
import type { RsaTokens } from '../rsa-tokens.ts';
import type { RunningProgram } from '../running-program.ts';
import { nginxVersion, passTo, startNginx, tlsServer, upstreamBlock } from './nginx-process.ts';

// The folders of Debian's libnginx-mod-http-lua and lua-resty-core.
const MODULES = ['ndk_http_module.so', 'ngx_http_lua_module.so'].map(
  (name) => `/usr/lib/nginx/modules/${name}`,
);
const LUA_PATH = '/usr/share/lua/5.1/?.lua';
const CHECK = fileURLToPath(new URL('./token-cache.lua', import.meta.url));

export const INSTALL_LUA = 'apt-get install nginx libnginx-mod-http-lua';

export const luaVersion = () => (MODULES.every((path) => existsSync(path)) ? nginxVersion() : undefined);

/** `tokens`: the accepted tokens, whose names become `X-User`. */
export function nginxLua(tokens: RsaTokens): Contender {
  return {
    name: 'nginx + Lua, token cache',
    install: INSTALL_LUA,
    version: luaVersion,
    async start(site) {
      const location = `
      location / {
        access_by_lua_block { ngx.req.set_header('X-User', token_cache.subject()) }
        ${passTo('http://api')}
      }`;
      const http = luaBlock(tokens) + upstreamBlock(site.upstreamPort) + tlsServer(site, location);
      const program = startNginx(site, { workers: site.workers, modules: MODULES, http });
      return { program, root: site.tls.root, credentials: tokens.credentials };
    },
  };
}

/** Answers 200 with `X-User`, or 401, in plain HTTP on loopback. */
export function startTokenService(
  site: Pick<Site, 'folder' | 'stack' | 'cores' | 'workers'>,
  port: number,
  tokens: RsaTokens,
): RunningProgram {
  const http = `${luaBlock(tokens)}
    server {
      listen 127.0.0.1:${port} backlog=1024;
      location / {
        content_by_lua_block {
          ngx.header['X-User'] = token_cache.subject()
          ngx.header['Content-Length'] = 0
        }
      }
    }`;
  return startNginx(site, { workers: site.workers, modules: MODULES, http });
}

function luaBlock({ publicKeyFile, issuer, audience }: RsaTokens): string {
  return `
    lua_package_path "${LUA_PATH};;";
    init_by_lua_block {
      token_cache = dofile('${CHECK}')({
        public_key_file = '${publicKeyFile}', issuer = '${issuer}', audience = '${audience}',
      })
    }`;
}
