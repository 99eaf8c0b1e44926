// The credential of a client: an API key (`X-API-Key`) or a bearer token (RFC 6750 §2.1). Refuses to send it
// over plain HTTP to another machine, and to any other origin (RFC 6454 §4) than the first.
import { ClientError } from './errors.ts';
import { isLoopback } from './network/loopback.ts';

/** The credential of a client. */
export type Identity = { kind: 'apiKey'; key: string } | { kind: 'bearer'; token: string };

/** Header fields by name. A field with several values is an array. */
export type HeaderFields = Readonly<Record<string, string | string[]>>;

/**
 * Adds the credential to the header of a request to `target`. Throws `ClientError` if it may not be sent
 * there.
 */
export type Identify = (target: URL, headers: HeaderFields) => HeaderFields;

/** Without an identity the header is not changed. */
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
    `refused to send the credential of ${origin} to ${target.origin}: create another client for it`,
  );
}

function requireAbsent(headers: HeaderFields, name: string): void {
  if (!Object.keys(headers).some((key) => key.toLowerCase() === name)) return;
  throw new TypeError(`the header ${name} is set by the client's identity`);
}
