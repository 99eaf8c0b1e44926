// Who a client says it is: an API key (`X-API-Key`) or a bearer token (RFC 6750 §2.1). Refuses to say it over plain HTTP
// to another machine, and to any other origin (RFC 6454 §4) than the first that it was used for.
import { ClientError } from './errors.ts';

export type Identity = { kind: 'apiKey'; key: string } | { kind: 'bearer'; token: string };

export type HeaderFields = Readonly<Record<string, string | string[]>>;

/** Adds the identity's header to those of a request to `target`. Throws `ClientError` where it may not be said. */
export type Identify = (target: URL, headers: HeaderFields) => HeaderFields;

/** Without an identity the headers stay as they are. */
export function createIdentify(identity: Identity | undefined): Identify {
  if (identity === undefined) return (_target, headers) => headers;
  const [name, value] = headerOf(identity);
  let origin: string | undefined;
  return (target, headers) => {
    requireConfidential(target);
    origin ??= target.origin;
    requireSameOrigin(target, origin);
    requireAbsent(headers, name);
    return { ...headers, [name]: value };
  };
}

function headerOf(identity: Identity): [name: string, value: string] {
  if (identity.kind === 'apiKey') return ['x-api-key', identity.key];
  return ['authorization', `Bearer ${identity.token}`];
}

function requireConfidential(target: URL): void {
  if (target.protocol === 'https:' || isLoopback(target.hostname)) return;
  throw new ClientError(
    'identity_plaintext',
    `refused to send a credential over plain HTTP to ${target.host}: use https://`,
  );
}

function requireSameOrigin(target: URL, origin: string): void {
  if (target.origin === origin) return;
  throw new ClientError(
    'identity_origin',
    `refused to send the credential of ${origin} to ${target.origin}: make another client for it`,
  );
}

function requireAbsent(headers: HeaderFields, name: string): void {
  if (!Object.keys(headers).some((key) => key.toLowerCase() === name)) return;
  throw new TypeError(`the header ${name} is set by the client's identity`);
}

/** The URL parser has already written every spelling of an IPv4 address in one form; names are those of RFC 6761 §6.3. */
function isLoopback(hostname: string): boolean {
  if (hostname === 'localhost' || hostname.endsWith('.localhost') || hostname === '[::1]') return true;
  return /^127\.\d+\.\d+\.\d+$/.test(hostname);
}
