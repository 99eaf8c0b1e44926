// The endpoint for sign-outs at a provider (OpenID Connect Back-Channel Logout 1.0 §2.5): the
// sessions here that came from that sign-in end before the answer, also at every worker of the gateway.
import { GatehouseError } from '@gatehouse/access';
import { z } from 'zod';
import type { Actor } from '../../platform/feed/events.ts';
import { content, json, withContent } from '../../platform/http/answer.ts';
import { form } from '../../platform/http/body.ts';
import type { ErrorForm, Route } from '../../platform/http/route.ts';
import { route } from '../../platform/http/route.ts';
import type { RefusalCounter } from '../../platform/ledger/refusal-counter.ts';
import type { Log } from '../../platform/log/log.ts';
import type { ShortLivedStore } from '../../platform/short-lived/short-lived-store.ts';
import type { Database } from '../../platform/store/database.ts';
import type { Sessions } from '../sessions/sessions.ts';
import { reasonOf } from './discovery.ts';
import { LOGOUT_TOKEN_SECONDS } from './logout-token.ts';
import type { ProviderClient } from './provider-client.ts';

export interface LogoutRouteDeps {
  /** By name. */
  clients: ReadonlyMap<string, ProviderClient>;
  sessions: Pick<Sessions, 'endThrough'>;
  database: Database;
  /** The ids of used tokens. */
  seen: ShortLivedStore<true>;
  refusals: Pick<RefusalCounter, 'count'>;
  log: Pick<Log, 'event'>;
}

const logoutErrorSchema = z.object({ error: z.string(), error_description: z.string() });

export function logoutRoute(deps: LogoutRouteDeps): Route {
  return route({
    name: 'endSessionsOfProvider',
    method: 'POST',
    path: '/auth/providers/:name/backchannel-logout',
    permission: 'public',
    summary: 'End the sessions of a person who signed out at a sign-in provider',
    description: 'For the provider (OpenID Connect Back-Channel Logout 1.0).',
    params: z.object({ name: z.string().max(64) }),
    body: form(z.object({ logout_token: z.string().max(16_384) })),
    errors: logoutErrors,
    answers: { 200: content('text/plain') },
    async handle({ params: { name }, body, address, requestId }) {
      const client = deps.clients.get(name);
      if (!client) throw new GatehouseError('not_found', 'There is no such sign-in provider.');
      try {
        await endSessions(deps, client, { token: body.logout_token, address });
      } catch (error) {
        deps.refusals.count({ type: 'identity.provider_logout_refused', subject: name, address });
        const reason = reasonOf(error instanceof GatehouseError ? (error.cause ?? error) : error);
        deps.log.event('identity.provider_refused', { provider: name, reason, address, requestId });
        throw error;
      }
      return withContent('text/plain', '', { 'cache-control': 'no-store' });
    },
  });
}

async function endSessions(
  { sessions, database, seen }: LogoutRouteDeps,
  client: ProviderClient,
  { token, address }: { token: string; address: string },
): Promise<void> {
  const { name: provider } = client.settings;
  const { jti, subject, sid } = await client.logoutToken(token);
  const id = JSON.stringify([provider, jti]);
  if (await seen.find(id))
    throw new GatehouseError('provider_answer_invalid', 'This logout token was used before.');
  const actor: Actor = { kind: 'system', name: `provider ${provider}`, address };
  await database.write((tx) => sessions.endThrough(tx, { provider, subject, sid }, { actor }));
  // The id is stored only after success, because the provider sends the token again after a failure.
  await seen.put(id, true, { owner: provider, lifetimeSeconds: LOGOUT_TOKEN_SECONDS });
}

/** The form of §2.8. */
const logoutErrors: ErrorForm = {
  mediaType: 'application/json',
  schema: logoutErrorSchema,
  answer(error) {
    const { status, message } = error instanceof GatehouseError ? error : { status: 500, message: '' };
    const description = status < 500 ? message : 'This server cannot end the sessions now: try again.';
    const code = status < 500 ? 'invalid_request' : 'server_error';
    return json({ error: code, error_description: description }, status, { 'cache-control': 'no-store' });
  },
};
