// The proxy of a request: a named one, or one from the environment. Reads NO_PROXY as curl, Go and Python do,
// and also networks in CIDR notation.

import { isIP } from 'node:net';
import { nonce } from '../auth/digest.ts';
import { ClientError } from '../errors.ts';
import { forNetwork, type Middleware } from '../http/middleware.ts';
import { blockListOf, contains } from './addresses.ts';
import { isLoopback } from './loopback.ts';
import type { ChosenProxy } from './network-change.ts';
import { createProxyCredentials, type ProxyAuthentication } from './proxy-credentials.ts';

/** The options of `proxy`, beside the address. */
export interface ProxyOptions extends ProxyAuthentication {
  /** Hosts that need no proxy, as in NO_PROXY: `.example.com,10.0.0.0/8,localhost`. */
  noProxy?: string;
  /** Send the name and password over plain HTTP to a proxy on another machine. Default: only on loopback. */
  plaintext?: boolean;
}

/**
 * Sends requests through a proxy: whole requests for `http:`, a tunnel for `https:`.
 * @throws TypeError if the address is not of the form http://HOST:PORT, or contains a password
 * @throws ClientError if the credentials would go over plain HTTP to another machine
 * @example
 * const behind = client().with(proxy('http://proxy.example:3128', { digest: { username, password } }));
 */
export function proxy(url: string | URL, options: ProxyOptions = {}): Middleware {
  const chosen = createProxy(parseProxy(url), options);
  const bypasses = parseNoProxy(options.noProxy ?? '');
  return forNetwork({ proxy: (target) => (bypasses(target) ? undefined : chosen) });
}

/**
 * Uses the proxies in the environment: HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY. HTTP_PROXY counts
 * only in lower case, because the caller of a CGI program can set it in capitals.
 * @example
 * const behind = client().with(proxyFromEnvironment(process.env));
 */
export function proxyFromEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
  options: Omit<ProxyOptions, 'noProxy'> = {},
): Middleware {
  const read = (name: string) => environment[name] || environment[name.toUpperCase()] || undefined;
  const all = read('all_proxy');
  const open = (url: string | undefined) => url && createProxy(...readProxy(url, options));
  const forHttp = open(environment.http_proxy || all);
  const forHttps = open(read('https_proxy') ?? all);
  const bypasses = parseNoProxy(read('no_proxy') ?? '');
  return forNetwork({
    proxy: (target) => {
      if (bypasses(target)) return undefined;
      return (target.protocol === 'https:' ? forHttps : forHttp) || undefined;
    },
  });
}

/** In the environment, the password may be in the URL. So no error may contain the URL. */
function readProxy(text: string, options: ProxyOptions): [url: URL, options: ProxyOptions] {
  const url = URL.parse(text.includes('://') ? text : `http://${text}`);
  if (url === null) throw notOfTheForm();
  const basic = { username: percentDecoded(url.username), password: percentDecoded(url.password) };
  url.username = '';
  url.password = '';
  const parsed = parseProxy(url);
  if (basic.username === '' || options.basic !== undefined || options.digest !== undefined)
    return [parsed, options];
  return [parsed, { ...options, basic }];
}

/** A percent sign that stands for itself stays as it is, as in curl. */
function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function notOfTheForm(): TypeError {
  return new TypeError('the address of a proxy must be of the form http://HOST:PORT');
}

function parseProxy(url: string | URL): URL {
  const parsed = URL.parse(url);
  if (parsed === null || !/^https?:$/.test(parsed.protocol)) throw notOfTheForm();
  if (parsed.username !== '' || parsed.password !== '') {
    throw new TypeError(
      'the address of a proxy must not have a user name or a password: give { basic } or { digest }',
    );
  }
  return parsed;
}

function createProxy(url: URL, options: ProxyOptions): ChosenProxy {
  const hasPassword = options.basic !== undefined || options.digest !== undefined;
  if (hasPassword && url.protocol === 'http:' && !isLoopback(url.hostname) && options.plaintext !== true) {
    throw new ClientError(
      'identity_plaintext',
      `refused to send a password over plain HTTP to the proxy ${url.host}: use an https:// proxy, or set plaintext: true in a network that you trust`,
    );
  }
  return { url, credentials: createProxyCredentials(options, nonce) };
}

/** Which URLs need no proxy. A name matches itself and all names below it. */
export function parseNoProxy(text: string): (url: URL) => boolean {
  const entries = text
    .toLowerCase()
    .split(/[\s,]+/)
    .filter(Boolean);
  if (entries.includes('*')) return () => true;
  const networks = blockListOf(entries.map(parseNetwork).filter((network) => network !== undefined));
  const names = entries.filter((entry) => parseNetwork(entry) === undefined).map(parseName);
  return (url) => {
    const host = url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
    const port = url.port || (url.protocol === 'https:' ? '443' : '80');
    if (contains(networks, host)) return true;
    return names.some(
      (entry) =>
        (entry.port === undefined || entry.port === port) &&
        (host === entry.name || (isIP(host) === 0 && host.endsWith(`.${entry.name}`))),
    );
  };
}

function parseNetwork(entry: string): [network: string, prefix: number] | undefined {
  const [, address = '', prefix] = /^\[?([0-9a-f.:]+)\]?(?:\/(\d{1,3}))?$/.exec(entry) ?? [];
  const version = isIP(address);
  if (version === 0) return undefined;
  const most = version === 4 ? 32 : 128;
  const length = Number(prefix ?? most);
  return length <= most ? [address, length] : undefined;
}

function parseName(entry: string): { name: string; port: string | undefined } {
  const [, name = entry, port] = /^(?:\*?\.)?(.*?)(?::(\d+))?$/.exec(entry) ?? [];
  return { name: name.replace(/^\[|\]$/g, ''), port };
}
