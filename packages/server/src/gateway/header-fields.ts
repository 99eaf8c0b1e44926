// Selects the header fields that pass through, as flat lists of names and values. Hop-by-hop fields end here
// (RFC 9110 §7.6.1). Only the gateway sends fields that tell an upstream who calls or from where. Names with
// anything but letters, digits and hyphens are dropped: CGI-style upstreams cannot tell `X_Real_IP` or
// `X.Real.IP` from `X-Real-IP`.

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

// Fields that the gateway replaces or answers itself, or that upstreams trust although any client can send
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

export interface ForwardingFacts {
  /** The client's IP address. */
  address: string;
  /** The Host that the client sent. */
  host: string;
  requestId: string;
  /** The version of HTTP in the client's request: `1.1`. */
  httpVersion: string;
  /** The signed statement of who calls; undefined for anonymous requests. */
  assertion: string | undefined;
  /** Whether we issued the credential. If so it is not forwarded: the upstream could use it against us. */
  isOwnCredential(value: string): boolean;
}

// RFC 9110 §7.6.3: every gateway adds itself, after the version of HTTP of the request.
const VIA_NAME = 'gatehouse';
const CREDENTIALS = new Set(['authorization', 'x-api-key']);

/** The fields for the upstream. The code that connects sets `Host`. */
export function requestFields(rawHeaders: string[], facts: ForwardingFacts): string[] {
  const nominated = nominatedFields(rawHeaders);
  const fields: string[] = [];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? '';
    const lower = name.toLowerCase();
    if (HOP_BY_HOP.has(lower) || NEVER_FROM_CLIENTS.has(lower) || !PLAIN_NAME.test(lower)) continue;
    if (NEVER_FROM_CLIENTS_PREFIX.test(lower) || nominated?.has(lower)) continue;
    const value = rawHeaders[index + 1] ?? '';
    if (CREDENTIALS.has(lower) && facts.isOwnCredential(value)) continue;
    fields.push(name, value);
  }
  fields.push('X-Forwarded-For', facts.address, 'X-Forwarded-Proto', 'https', 'X-Forwarded-Host', facts.host);
  fields.push('X-Request-Id', facts.requestId, 'Via', `${facts.httpVersion} ${VIA_NAME}`);
  if (facts.assertion !== undefined) fields.push('Gatehouse-Assertion', facts.assertion);
  return fields;
}

export interface AnsweringFacts {
  status: number;
  requestId: string;
  /** The upstream's origin, as it may appear in Location. */
  upstreamOrigin: string;
  /** The Host that the client sent. */
  host: string;
}

/** The fields for the client. A redirect to the upstream's own origin is changed to ours. */
export function responseFields(rawHeaders: string[], facts: AnsweringFacts): string[] {
  const nominated = nominatedFields(rawHeaders);
  const fields: string[] = [];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? '';
    const lower = name.toLowerCase();
    if (HOP_BY_HOP.has(lower) || nominated?.has(lower) || lower === 'x-request-id') continue;
    // RFC 9110 §8.6: no Content-Length in 1xx and 204.
    if (lower === 'content-length' && (facts.status < 200 || facts.status === 204)) continue;
    const value = rawHeaders[index + 1] ?? '';
    fields.push(name, lower === 'location' ? ownLocation(value, facts) : value);
  }
  fields.push('X-Request-Id', facts.requestId);
  return fields;
}

function ownLocation(location: string, { upstreamOrigin, host }: AnsweringFacts): string {
  if (!location.startsWith(upstreamOrigin)) return location;
  const rest = location.slice(upstreamOrigin.length);
  return rest === '' || /^[/?#]/.test(rest) ? `https://${host}${rest}` : location;
}

// Connection must not remove these: they are meant for all recipients (RFC 9110 §7.6.1).
const NOT_NOMINATED = new Set([
  'content-length',
  'content-type',
  'cache-control',
  'authorization',
  'x-api-key',
]);

/**
 * The fields that Connection declares to be for this hop only; undefined if there are none, the usual case.
 */
function nominatedFields(rawHeaders: string[]): Set<string> | undefined {
  let names: Set<string> | undefined;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    if (rawHeaders[index]?.toLowerCase() !== 'connection') continue;
    for (const option of (rawHeaders[index + 1] ?? '').toLowerCase().split(',')) {
      const name = option.trim();
      if (NOT_NOMINATED.has(name)) continue;
      names ??= new Set();
      names.add(name);
    }
  }
  return names;
}
