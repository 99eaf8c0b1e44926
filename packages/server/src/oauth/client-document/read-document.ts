// Reads the document about a client (draft-ietf-oauth-client-id-metadata-document §4): the allowed members of
// RFC 7591 §2, without secrets.

import type { JWK } from 'jose';
import { z } from 'zod';
import { problemWithMember } from '../../platform/problems/schema-problem.ts';
import { withoutAdminScope } from '../admin-scope.ts';
import type { ClientMetadata, Grant } from '../store/rows.ts';
import { DocumentError } from './destinations.ts';

export interface ClientDocument {
  metadata: ClientMetadata;
  /** The URL of the keys, if they are not in the document. */
  keysUrl: string | undefined;
}

const uri = z.string().max(2048);
const key = z
  .looseObject({ kty: z.enum(['EC', 'RSA', 'OKP']) })
  .refine((jwk) => !('d' in jwk), 'has a private key');

const keySet = z.looseObject({ keys: z.array(key).min(1).max(16) });

/** Other members are ignored (RFC 7591 §2). */
const document = z.looseObject({
  client_id: z.string(),
  client_name: z.string().max(100).optional(),
  redirect_uris: z.array(uri).min(1).max(16),
  token_endpoint_auth_method: z.enum(['none', 'private_key_jwt']).default('none'),
  grant_types: z.array(z.string()).default(['authorization_code']),
  response_types: z.array(z.string()).optional(),
  scope: z.string().max(1000).default(''),
  jwks: keySet.optional(),
  jwks_uri: uri.optional(),
  dpop_bound_access_tokens: z.boolean().default(false),
});

const DEVICE = 'urn:ietf:params:oauth:grant-type:device_code';
const SCOPE = /^[!#-[\]-~]{1,128}$/;
const MAX_SCOPES = 32;

/** Throws `DocumentError`. */
export function readDocument(json: unknown, url: URL): ClientDocument {
  const { data, error } = document.safeParse(json);
  if (!data) throw flawed(error);
  // Compared as strings (§4), because there is only one spelling.
  if (data.client_id !== url.href) throw new DocumentError('its client_id is not its URL');
  if ('client_secret' in data || 'client_secret_expires_at' in data) {
    throw new DocumentError('it has a client secret, which everyone could read');
  }
  if (!data.grant_types.includes('authorization_code')) {
    throw new DocumentError('its grant_types lack authorization_code');
  }
  for (const redirect of data.redirect_uris) requireOwnOrigin(redirect, url);
  return { metadata: metadataOf(data, url), keysUrl: data.jwks ? undefined : data.jwks_uri };
}

/** The keys at `jwks_uri`. Throws `DocumentError`. */
export function readKeys(json: unknown): JWK[] {
  const { data, error } = keySet.safeParse(json);
  if (!data) throw flawed(error);
  return data.keys as JWK[];
}

function flawed({ issues: [issue] }: z.ZodError): DocumentError {
  return new DocumentError(issue ? problemWithMember(issue, 'it') : 'it is not valid');
}

/**
 * A document must not send the codes of people to another web site. A program on the person's own machine has
 * no origin, and the consent page warns about it.
 */
function requireOwnOrigin(redirect: string, url: URL): void {
  const parsed = URL.parse(redirect);
  if (parsed?.protocol !== 'https:' || parsed.origin === url.origin) return;
  throw new DocumentError(`the redirect URI ${redirect} has another origin than the document`);
}

function metadataOf(data: z.output<typeof document>, url: URL): ClientMetadata {
  const { redirect_uris: redirectUris, token_endpoint_auth_method: authMethod, grant_types: types } = data;
  const grants: Grant[] = types.includes(DEVICE)
    ? ['authorization_code', 'device_code']
    : ['authorization_code'];
  return {
    grants,
    authMethod,
    applicationType: redirectUris.every((each) => each.startsWith('https://')) ? 'web' : 'native',
    redirectUris,
    postLogoutRedirectUris: [],
    scopes: withoutAdminScope([...new Set(data.scope.split(' ').filter((name) => SCOPE.test(name)))]).slice(
      0,
      MAX_SCOPES,
    ),
    keys: authMethod === 'none' ? [] : ((data.jwks?.keys ?? []) as JWK[]),
    certificateBoundTokens: false,
    dpopBoundTokens: data.dpop_bound_access_tokens,
    backchannelLogoutUri: null,
    document: { name: shownName(data.client_name), host: url.host },
  };
}

/** The name for the consent page, without characters that hide text or change its direction. */
function shownName(name = ''): string | null {
  return name.replaceAll(/\p{C}/gu, '').trim() || null;
}
