// The form of OAuth clients in the admin API, and of the requests that create and change them.
import { z } from 'zod';
import { principalName, roleNames, scopeNames } from '../../identity/index.ts';
import { timestamp, toTimestamp, warnings } from '../../platform/http/schemas.ts';
import type { Client, ClientMetadata } from '../store/rows.ts';
import { AUTH_METHODS, GRANTS } from '../store/rows.ts';

const uri = z.string().max(2048);

/** A public key: no private parameter may be sent here by mistake. */
const publicKey = z
  .looseObject({ kty: z.enum(['EC', 'RSA', 'OKP']), kid: z.string().optional() })
  .refine((key) => !('d' in key), 'has a private key: send only the public key');

const metadataFields = {
  grants: z.array(z.enum(GRANTS)).min(1).describe('How the client gets tokens'),
  authMethod: z
    .enum(AUTH_METHODS)
    .describe('How the client authenticates; none: it cannot store a secret safely'),
  applicationType: z
    .enum(['web', 'native'])
    .describe('native: a program on the machine of its user, which may use any port on a loopback address'),
  redirectUris: z.array(uri).max(32).describe('Compared character by character'),
  postLogoutRedirectUris: z.array(uri).max(32),
  scopes: scopeNames.describe('Scopes that the client may request, besides those of OpenID Connect'),
  keys: z.array(publicKey).max(16).describe('Public keys for private_key_jwt'),
  certificateBoundTokens: z.boolean().describe('Whether its tokens are bound to its certificate (RFC 8705)'),
  dpopBoundTokens: z.boolean().describe('Whether its tokens must be bound to a key (RFC 9449)'),
  backchannelLogoutUri: uri.nullable().describe('Gets a message when a person signs out'),
};

export const clientSchema = z
  .object({
    client_id: z.string(),
    name: z.string(),
    service: z
      .string()
      .nullable()
      .describe('The service that the client acts as; null: it acts only for people'),
    state: z.enum(['active', 'disabled', 'waiting']),
    ...metadataFields,
    document: z
      .object({ name: z.string().nullable(), host: z.string() })
      .optional()
      .describe('For a client whose id is the URL of a document: the name in it, and its host'),
    createdAt: timestamp,
  })
  .meta({ id: 'OauthClient' });

/** An OAuth client, without its secret. */
export type ClientView = z.output<typeof clientSchema>;

export function clientView({ id, name, service, state, metadata, createdAt }: Client): ClientView {
  return {
    client_id: id,
    name,
    service,
    state,
    ...metadata,
    keys: metadata.keys as ClientView['keys'],
    createdAt: toTimestamp(createdAt),
  };
}

export const createdClientSchema = clientSchema
  .extend({
    client_secret: z.string().nullable().describe('Only this answer has it. null: this client has none'),
    warnings,
  })
  .meta({ id: 'CreatedOauthClient' });

/** A new client, with its secret. */
export type CreatedClientView = z.output<typeof createdClientSchema>;

export const rotatedSecretSchema = z
  .object({
    client_id: z.string(),
    name: z.string(),
    client_secret: z.string().describe('Only this answer has it'),
    replaces: z.object({ endsAt: timestamp }).describe('When the old secret expires'),
  })
  .meta({ id: 'RotatedClientSecret' });

/** The new secret of a client. */
export type RotatedSecretView = z.output<typeof rotatedSecretSchema>;

const { grants, authMethod, applicationType, ...others } = metadataFields;

export const newClientSchema = z.strictObject({
  name: principalName,
  service: principalName
    .optional()
    .describe('The service that the client acts as. Default: a service with the same name'),
  roles: roleNames.optional().describe('Roles of the service, if it is new. Default: `user`'),
  grants,
  authMethod: authMethod.optional().describe('Default: client_secret_basic'),
  applicationType: applicationType.optional().describe('Default: web'),
  ...z.object(others).partial().shape,
});

export const clientChangeSchema = z.strictObject({
  grants: grants.optional(),
  applicationType: applicationType.optional(),
  ...z.object(others).partial().shape,
});

/** The order with all defaults. */
export function metadataOf(given: z.output<typeof newClientSchema>): ClientMetadata {
  return {
    grants: given.grants,
    authMethod: given.authMethod ?? 'client_secret_basic',
    applicationType: given.applicationType ?? 'web',
    redirectUris: given.redirectUris ?? [],
    postLogoutRedirectUris: given.postLogoutRedirectUris ?? [],
    scopes: given.scopes ?? [],
    keys: (given.keys ?? []) as ClientMetadata['keys'],
    certificateBoundTokens: given.certificateBoundTokens ?? false,
    dpopBoundTokens: given.dpopBoundTokens ?? false,
    backchannelLogoutUri: given.backchannelLogoutUri ?? null,
  };
}
