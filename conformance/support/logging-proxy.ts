// A curious proxy: nginx ends TLS with its own certificate, and logs the bodies of requests and answers.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startNginx } from './nginx.ts';
import { without } from './programs.ts';
import { createTestAuthority } from './test-authority.ts';

const MODULES = ['ndk_http_module.so', 'ngx_http_lua_module.so'].map(
  (name) => `/usr/lib/nginx/modules/${name}`,
);

/** Why there is no such proxy here; false if there is. */
export const withoutLoggingProxy = (): string | false =>
  without('nginx', '-v') ||
  (MODULES.every((path) => existsSync(path))
    ? false
    : 'needs the Lua module of nginx (apt-get install libnginx-mod-http-lua)');

export interface LoggingProxy {
  url: string;
  /** PEM of the root that its clients trust. */
  root: string;
  /** Everything that it has logged: request lines, fields and bodies of both directions. */
  log(): Buffer;
  stop(): Promise<void>;
}

/** To the gateway at this port. `server` has further directives of nginx, such as other locations. */
export async function startLoggingProxy(
  port: number,
  gatewayPort: number,
  server = '',
): Promise<LoggingProxy> {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-logging-proxy-'));
  const authority = createTestAuthority();
  const { key, cert } = authority.issue();
  const files = {
    certificate: join(folder, 'cert.pem'),
    key: join(folder, 'key.pem'),
    log: join(folder, 'bodies'),
  };
  writeFileSync(files.certificate, cert);
  writeFileSync(files.key, key);
  writeFileSync(files.log, '');
  const nginx = await startNginx({
    folder,
    port,
    certificate: files.certificate,
    key: files.key,
    main: MODULES.map((path) => `load_module ${path};`).join('\n'),
    http: `lua_package_path "/usr/share/lua/5.1/?.lua;;"; client_body_buffer_size 16m; client_max_body_size 16m;`,
    location: `
      proxy_pass https://127.0.0.1:${gatewayPort};
      proxy_ssl_protocols TLSv1.3;
      proxy_set_header Host $http_host;
      proxy_http_version 1.1;
      lua_need_request_body on;
      body_filter_by_lua_block {
        ngx.ctx.answer = (ngx.ctx.answer or "") .. ngx.arg[1]
      }
      log_by_lua_block {
        local file = io.open("${files.log}", "ab")
        file:write("\\n", ngx.req.raw_header(), ngx.req.get_body_data() or "", "\\n",
          ngx.ctx.answer or "", "\\n")
        file:close()
      }`,
    server,
  });
  return {
    url: `https://localhost:${port}`,
    root: authority.root,
    log: () => readFileSync(files.log),
    async stop() {
      await nginx.stop();
      rmSync(folder, { recursive: true });
    },
  };
}
