// Every request is authenticated and authorised, with 1,000 different credentials: Gatehouse beside set-ups
// of nginx, HAProxy and Caddy. Each identifies the caller for the upstream.
import type { Area } from '../../harness/area.ts';
import { caddyForwardAuth } from '../../harness/contenders/caddy.ts';
import { gatehouseVariants, gatehouseWith } from '../../harness/contenders/gatehouse.ts';
import { haproxyJwtVerify } from '../../harness/contenders/haproxy.ts';
import { nginxAuthRequest } from '../../harness/contenders/nginx-auth-request.ts';
import { nginxLua } from '../../harness/contenders/nginx-lua.ts';
import { prepareCredentials } from '../../harness/gatehouse-credentials.ts';
import { CREDENTIALS, createRsaTokens } from '../../harness/rsa-tokens.ts';
import { missingLines, occasion, roundsLine, runPart } from '../../harness/scene.ts';
import { CIPHER } from '../../harness/tls-files.ts';
import { CONNECTIONS, THREADS } from '../../harness/wrk.ts';
import { BODY, presentOf } from './site.ts';
import { conditionsOf, measureTables, WARM_UP_SECONDS } from './table.ts';

const CONDITIONS = [
  { cores: 'one', accessLog: true },
  { cores: 'one', accessLog: false },
] as const;

export const area: Area = (options) =>
  runPart({ name: 'gateway-auth', title: 'gateway: authenticated' }, options, async (scene) => {
    const variants = gatehouseVariants(options);
    const oldest = variants.at(-1);
    if (oldest === undefined) throw new TypeError('no build of Gatehouse takes part');
    console.log(`making ${CREDENTIALS} API keys and ${CREDENTIALS} access tokens`);
    const site = { folder: scene.folder('credentials'), signal: scene.signal };
    const prepared = await prepareCredentials(oldest.build, site);
    const tokens = createRsaTokens(scene.folder('tokens'));
    const contenders = [
      ...variants.map((variant) => gatehouseWith('token', prepared, variant)),
      ...variants.map((variant) => gatehouseWith('apiKey', prepared, variant)),
      nginxLua(tokens),
      nginxAuthRequest(tokens),
      caddyForwardAuth(tokens),
      haproxyJwtVerify(tokens),
    ];
    const tables = await measureTables(scene, contenders, conditionsOf(options, CONDITIONS));
    const paragraphs = [occasion(presentOf(contenders)), wordsOf(roundsLine(scene, WARM_UP_SECONDS))];
    return {
      paragraphs: [...paragraphs, ...tables.paragraphs, ...missingLines(contenders)],
      isSound: tables.isSound,
    };
  });

function wordsOf(rounds: string): string {
  return [
    `TLS 1.3 (${CIPHER}), HTTP/1.1, ${CONNECTIONS} kept connections from ${THREADS} wrk threads, ${BODY.length} bytes from one nginx`,
    `upstream on loopback. ${CREDENTIALS} different credentials take turns. Gatehouse: its own ES256 tokens or API keys; every use`,
    'looks the user or key up, its route admits the role `user`, and the upstream gets a signed `Gatehouse-Assertion`. The others:',
    'RS256 tokens, whose signature, algorithm, issuer, audience, expiry and role are checked, and a plain `X-User` for the upstream.',
    'nginx + Lua verifies a token once with OpenSSL and then finds it in a cache of each worker (lua-resty-lrucache, 8,192 tokens),',
    'and checks only the expiry: a removed user is accepted until then. The caching service is the same Lua in another nginx,',
    'reached over kept plain HTTP connections, without an access log; its processor time and memory are included. HAProxy verifies each time.',
    rounds,
  ].join(' ');
}
