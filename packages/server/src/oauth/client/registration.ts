// Clients that register themselves (RFC 7591), if a setting allows it. Such a client gets no tokens until an
// administrator approves it. It can only sign people in. The number of waiting clients is limited, and a
// client that is not approved within a week is removed.
import { randomBytes } from 'node:crypto';
import type { Clock } from '@gatehouse/access';
import { base32, GatehouseError } from '@gatehouse/access';
import { z } from 'zod';
import type { Actor } from '../../platform/feed/events.ts';
import { json } from '../../platform/http/answer.ts';
import type { ErrorForm, Route } from '../../platform/http/route.ts';
import { route } from '../../platform/http/route.ts';
import type { Database } from '../../platform/store/database.ts';
import { withoutAdminScope } from '../admin-scope.ts';
import type { ClientMetadata } from '../store/rows.ts';
import type { OauthStore } from '../store/store.ts';
import { OauthError } from '../token/oauth-error.ts';
import type { Clients, CreatedClient } from './clients.ts';

export interface RegistrationDeps {
  database: Pick<Database, 'read'>;
  store: OauthStore;
  clock: Clock;
  clients: Clients;
  errors: ErrorForm;
}

/** The limit also counts clients whose id is the URL of a document. */
export const MOST_WAITING = 100;
const WEEK_MS = 7 * 86_400_000;

const METHODS = ['none', 'client_secret_basic', 'client_secret_post'] as const;

/** RFC 7591 §2. Other members are ignored, as §2 says. */
const request = z.looseObject({
  redirect_uris: z.array(z.string().max(2048)).min(1).max(8),
  client_name: z.string().max(100).optional(),
  token_endpoint_auth_method: z.enum(METHODS).default('client_secret_basic'),
  grant_types: z.array(z.enum(['authorization_code', 'refresh_token'])).optional(),
  response_types: z.array(z.literal('code')).optional(),
  scope: z.string().max(1000).optional(),
});

const answer = z.looseObject({ client_id: z.string() }).meta({ id: 'RegisteredClient' });

export function registrationRoute(deps: RegistrationDeps, path: string): Route {
  return route({
    name: 'registerClient',
    method: 'POST',
    path,
    permission: 'public',
    summary: 'Register a client, which then waits for approval (RFC 7591)',
    body: z.looseObject({}),
    answers: { 201: answer },
    errors: deps.errors,
    async handle(call) {
      const wanted = metadataOf(call.body);
      await requireRoom(deps);
      const actor: Actor = { kind: 'anonymous', name: 'anonymous', address: call.address };
      const name = `${slugOf(wanted.name)}-${base32(randomBytes(5))}`;
      const { metadata } = wanted;
      const made = await deps.clients
        .create({ name, metadata, state: 'waiting' }, actor)
        .catch((error: unknown) => {
          throw error instanceof GatehouseError && error.code === 'unprocessable'
            ? new OauthError('invalid_redirect_uri', error.message)
            : error;
        });
      return json(registered(made, wanted.name), 201);
    },
  });
}

/** Removes clients that were not approved in time. */
export async function removeForgotten({ clients, clock }: Pick<RegistrationDeps, 'clients' | 'clock'>) {
  const oldest = clock.now() - WEEK_MS;
  for (const { id, state, createdAt } of await clients.list()) {
    if (state === 'waiting' && createdAt < oldest) {
      await clients.remove(id, { kind: 'system', name: 'gatehouse' });
    }
  }
}

function metadataOf(body: object): { name: string | undefined; metadata: ClientMetadata } {
  const { data, error } = request.safeParse(body);
  if (!data) {
    const [issue] = error.issues;
    const member = String(issue?.path[0] ?? 'the request');
    const code = member === 'redirect_uris' ? 'invalid_redirect_uri' : 'invalid_client_metadata';
    throw new OauthError(code, `${member}: ${issue?.message ?? 'is not valid'}.`);
  }
  const { redirect_uris: redirectUris, scope = '', token_endpoint_auth_method: authMethod } = data;
  const metadata: ClientMetadata = {
    grants: ['authorization_code'],
    authMethod,
    applicationType: redirectUris.every((uri) => uri.startsWith('https://')) ? 'web' : 'native',
    redirectUris,
    postLogoutRedirectUris: [],
    scopes: withoutAdminScope([...new Set(scope.split(' ').filter((name) => SCOPE.test(name)))]).slice(0, 32),
    keys: [],
    certificateBoundTokens: false,
    dpopBoundTokens: false,
    backchannelLogoutUri: null,
  };
  return { name: data.client_name, metadata };
}

const SCOPE = /^[!#-[\]-~]{1,128}$/;

async function requireRoom({ database, store }: RegistrationDeps): Promise<void> {
  if ((await store.countClients(database.read, 'waiting')) < MOST_WAITING) return;
  throw new GatehouseError('too_many_requests', 'Too many clients wait for approval: try again later.');
}

/** A name for the list. The client chose it, so it has only letters, digits and dashes. */
function slugOf(name = 'client'): string {
  return (
    name
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-|-$/g, '')
      .slice(0, 32) || 'client'
  );
}

function registered({ id, secret, metadata, createdAt }: CreatedClient, name: string | undefined) {
  return {
    client_id: id,
    client_id_issued_at: Math.floor(createdAt / 1000),
    ...(secret !== null && { client_secret: secret, client_secret_expires_at: 0 }),
    ...(name !== undefined && { client_name: name }),
    redirect_uris: metadata.redirectUris,
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: metadata.authMethod,
    application_type: metadata.applicationType,
    ...(metadata.scopes.length > 0 && { scope: metadata.scopes.join(' ') }),
  };
}
