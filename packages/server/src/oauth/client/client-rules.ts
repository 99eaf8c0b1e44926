// The rules for the metadata of a client, and for its redirect URIs: https, or for a native client also the
// loopback interface and its own scheme (RFC 8252 §7, RFC 9700 §2.1).
import { GatehouseError } from '@gatehouse/access';
import type { Client, ClientMetadata } from '../store/rows.ts';

const LOOPBACK = new Set(['127.0.0.1', '[::1]', 'localhost']);

/** Throws `unprocessable`, with the conflict. */
export function requireConsistent({ service, metadata }: Pick<Client, 'service' | 'metadata'>): void {
  const flaw = flawIn(metadata, service);
  if (flaw === undefined) return;
  throw new GatehouseError('unprocessable', `The client is not valid: ${flaw}.`);
}

function flawIn(metadata: ClientMetadata, service: string | null): string | undefined {
  const { grants, authMethod, redirectUris, keys, certificateBoundTokens, dpopBoundTokens } = metadata;
  const signsPeopleIn = grants.includes('authorization_code');
  if (signsPeopleIn !== redirectUris.length > 0) {
    return 'the grant authorization_code and redirect URIs belong together: give both, or neither';
  }
  if (authMethod === 'none' && service !== null) {
    return 'it acts as a service, so it must authenticate: leave out --public';
  }
  if (authMethod === 'none' && grants.includes('token_exchange')) {
    return 'a client that exchanges tokens must authenticate';
  }
  if ((authMethod === 'private_key_jwt') !== keys.length > 0) {
    return 'the method private_key_jwt and public keys belong together: give both, or neither';
  }
  if (authMethod === 'tls_client_auth' && service === null) {
    return 'with tls_client_auth it needs the service that its certificate names';
  }
  if (certificateBoundTokens && dpopBoundTokens)
    return 'tokens are bound to a certificate or to a key, not to both';
  return uriFlaw(metadata);
}

function uriFlaw({
  redirectUris,
  postLogoutRedirectUris,
  applicationType,
  backchannelLogoutUri,
}: ClientMetadata) {
  for (const uri of [...redirectUris, ...postLogoutRedirectUris]) {
    const flaw = redirectFlaw(uri, applicationType);
    if (flaw !== undefined) return `the redirect URI ${uri} ${flaw}`;
  }
  if (backchannelLogoutUri === null || isHttps(backchannelLogoutUri) || isLoopback(backchannelLogoutUri)) {
    return undefined;
  }
  return `the back-channel logout URI ${backchannelLogoutUri} must begin with https://`;
}

const URI_CHARACTERS = /^(?:[\w.~:/?#[\]@!$&'()*+,;=-]|%[\dA-Fa-f]{2})+$/;

function isHttps(uri: string): boolean {
  return URL.parse(uri)?.protocol === 'https:';
}

function isLoopback(uri: string): boolean {
  const url = URL.parse(uri);
  return url?.protocol === 'http:' && LOOPBACK.has(url.hostname);
}

function redirectFlaw(uri: string, applicationType: ClientMetadata['applicationType']): string | undefined {
  const url = URL.parse(uri);
  if (!url) return 'is not a URI';
  // Browsers and servers read such characters in different ways.
  if (!URI_CHARACTERS.test(uri)) return 'has a character that a URI may not have (RFC 3986 §2)';
  if (url.hostname.includes('*')) return 'has a wildcard: name each URI in full';
  if (uri.includes('#')) return 'has a fragment (RFC 6749 §3.1.2)';
  if (url.username || url.password) return 'has a user name or password';
  if (url.protocol === 'https:') return undefined;
  if (applicationType === 'web')
    return 'must begin with https://; for a program on the person’s own machine, give --native';
  if (url.protocol === 'http:') {
    return LOOPBACK.has(url.hostname) ? undefined : 'uses http beyond the loopback interface (RFC 8252 §7.3)';
  }
  // A scheme of an app has the reverse of a domain name (RFC 8252 §7.1).
  return url.protocol.includes('.')
    ? undefined
    : 'has a scheme without a dot, which other apps may claim too';
}
