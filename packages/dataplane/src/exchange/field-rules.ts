// Which header fields pass, by name. Names with other characters than letters, digits and hyphens do not pass
// to upstreams: CGI-style upstreams cannot distinguish `X_Real_IP` or `X.Real.IP` from `X-Real-IP`. A cache
// of the results saves lower-casing and pattern matching on the hot path.

export type RequestRule = 'pass' | 'drop' | 'credential' | 'cookies';
export type ResponseRule = 'pass' | 'drop' | 'length' | 'location' | 'cookie';

const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
]);

// Fields that the gateway replaces or handles itself, or that upstreams trust although any client can send
// them.
const NEVER_FROM_CLIENTS = new Set([
  'host',
  'expect',
  'forwarded',
  'forwarded-for',
  'x-real-ip',
  'x-client-ip',
  'x-cluster-client-ip',
  'true-client-ip',
  'cf-connecting-ip',
  'x-rewrite-url',
  'x-http-method',
  'x-http-method-override',
  'x-method-override',
  'x-request-id',
  'x-user',
  'proxy', // CGI-style upstreams read it as the variable HTTP_PROXY (CVE-2016-5385).
]);
const NEVER_FROM_CLIENTS_PREFIX = new RegExp(
  `^(?:${[
    'x-forwarded|x-original-|x-envoy-|x-host$|x-scheme$|front-end-https$|fastly-client-',
    'gatehouse-|x-gatehouse-|x-ssl-|ssl-|x-tls-client-|tls-client-|x-client-(?:cert|dn|[is]-dn|verif|subject|issuer|serial)',
    'client-cert|x-arr-clientcert|x-amzn-mtls-|cf-client-cert-',
    'x-client-name|x-client-cn|x-cert|x-peer-cert|x-mtls-|x-subject-|x-verified-|x-spiffe-|x-nginx-ssl-|nginx-ssl-',
    'x-user(?:name$|-)|x-identity|x-email$|x-groups$|x-consumer-|x-credential-|x-token-|x-jwt-|x-access-token$',
    'cf-access-|x-pomerium-|x-vouch-|x-endpoint-api-|x-apigateway-|x-amz-apigateway-',
    'remote-|x-remote-|x-auth-|x-authenticated-|x-webauth-|tailscale-',
    'x-ms-client-principal|x-goog-|x-amzn-oidc-|script-name$|path-info$',
  ].join('|')})`,
);
const PLAIN_NAME = /^[a-z0-9-]+$/;
const CREDENTIALS = new Set(['authorization', 'x-api-key', 'dpop']);

// Fields that concern framing, routing, authentication, or that a recipient must know before the body
// (RFC 9110 §6.5.1).
const NEVER_IN_TRAILERS = new Set([
  'authorization',
  'x-api-key',
  'dpop',
  'cookie',
  'set-cookie',
  'cache-control',
  'content-encoding',
  'content-length',
  'content-range',
  'content-type',
  'location',
  'www-authenticate',
  'authentication-info',
  'if-match',
  'if-none-match',
  'if-modified-since',
  'if-unmodified-since',
  'if-range',
  'range',
  'max-forwards',
  'origin',
  'vary',
  'via',
  'warning',
  'date',
  'age',
  'expires',
  'retry-after',
]);

/** By the name as sent, in any case. */
export const requestRule = remembered((lower): RequestRule => {
  if (HOP_BY_HOP.has(lower) || NEVER_FROM_CLIENTS.has(lower) || !PLAIN_NAME.test(lower)) return 'drop';
  if (NEVER_FROM_CLIENTS_PREFIX.test(lower)) return 'drop';
  if (lower === 'cookie') return 'cookies';
  return CREDENTIALS.has(lower) ? 'credential' : 'pass';
});

/** By the name as sent, in any case. */
export const responseRule = remembered((lower): ResponseRule => {
  if (HOP_BY_HOP.has(lower) || lower === 'x-request-id') return 'drop';
  if (lower === 'content-length') return 'length';
  if (lower === 'set-cookie') return 'cookie';
  return lower === 'location' ? 'location' : 'pass';
});

/** Whether a trailer of this name may pass, in either direction. */
export const trailerMayPass = remembered(
  (lower) => requestRule(lower) === 'pass' && !NEVER_IN_TRAILERS.has(lower),
);

// Clients choose the names, so the cache has a limit.
const MAX_REMEMBERED = 1000;
const MAX_NAME_LENGTH = 64;

function remembered<Rule>(ruleOf: (lower: string) => Rule): (name: string) => Rule {
  const known = new Map<string, Rule>();
  return (name) => {
    const rule = known.get(name);
    if (rule !== undefined) return rule;
    const found = ruleOf(name.toLowerCase());
    if (known.size >= MAX_REMEMBERED) known.clear();
    if (name.length <= MAX_NAME_LENGTH) known.set(name, found);
    return found;
  };
}
