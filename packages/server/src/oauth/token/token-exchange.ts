// Token exchange (RFC 8693): a service that received a user's access token exchanges it for a new one. With
// the new one, it calls the next service for that user. The new token names the service in `act` (§4.1), has
// only scopes of both the old token and the service, and expires no later than the old token.
import type { Clock, UserFacts } from '@gatehouse/access';
import { numericDate } from '@gatehouse/access';
import type { errors, KoaContextWithOIDC } from 'oidc-provider';
import type { Actor, Events } from '../../platform/feed/events.ts';
import type { Database } from '../../platform/store/database.ts';
import type { KnownClients } from '../client/known-clients.ts';
import { oauthEvent } from '../events.ts';
import type { Client } from '../store/rows.ts';
import type { ActiveToken, ActiveTokens } from './active-token.ts';
import type { Mint } from './mint.ts';
import { OauthError } from './oauth-error.ts';
import type { Resources } from './resources.ts';

export interface TokenExchangeDeps {
  database: Database;
  events: Events;
  clock: Clock;
  knownClients: KnownClients;
  users: ReadonlyMap<string, UserFacts>;
  activeTokens: ActiveTokens;
  mint: Mint;
  resources: Resources;
  lifetimeSeconds: number;
}

export interface TokenExchange {
  readonly parameters: readonly string[];
  answer(ctx: KoaContextWithOIDC, forms: typeof errors): Promise<void>;
}

const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';
const JWT = 'urn:ietf:params:oauth:token-type:jwt';

type Parameters = Record<string, unknown>;

export function createTokenExchange(deps: TokenExchangeDeps): TokenExchange {
  const { database, events, clock, knownClients, activeTokens, mint, resources, lifetimeSeconds } = deps;

  async function exchange(parameters: Parameters, client: Client, address: string) {
    requireUnbound(client);
    const subject = await subjectOf(parameters, activeTokens);
    // A token for the admin API was never meant for a service (RFC 9700 §2.3).
    if (![subject.aud].flat().includes(resources.default))
      throw invalid('subject_token is not for the gateway');
    const scope = scopeOf(parameters, subject, client);
    const aud = resources.audienceOfAll(targetsOf(parameters));
    const actor = client.service ?? client.id;
    const act = { sub: actor, client_id: client.id, ...(subject.act && { act: subject.act }) };
    const seconds = Math.min(lifetimeSeconds, subject.exp - numericDate(clock));
    // With `sid`, the token ends when the person signs out, as the one before it.
    const { sub, roles = [], amr, auth_time, token_epoch, grant_id, sid } = subject;
    const ofSubject = { sub, roles, amr, auth_time, token_epoch, grant_id, sid };
    const ofClient = { aud, client_id: client.id, client_epoch: client.epoch, act };
    const { token, jti } = mint({ ...ofSubject, ...ofClient, ...(scope !== '' && { scope }) }, seconds);
    const who: Actor = { kind: 'service', name: actor, address };
    const data = { jti, client: client.id, grant: 'token_exchange', scope, aud, from: subject.jti };
    await database.write((tx) => events.publish(tx, oauthEvent('token_issued', who, sub, data)));
    return {
      access_token: token,
      issued_token_type: ACCESS_TOKEN,
      token_type: 'Bearer',
      expires_in: seconds,
      scope,
    };
  }

  return {
    parameters: [
      'subject_token',
      'subject_token_type',
      'requested_token_type',
      'actor_token',
      'actor_token_type',
      'audience',
      'resource',
      'scope',
    ],
    async answer(ctx, forms) {
      const known = await knownClients.find(ctx.oidc.client?.clientId ?? '');
      if (!known) throw new forms.InvalidClient('the client was removed');
      try {
        if (ctx.get('dpop')) throw invalid('an exchanged token cannot be bound to a key');
        const { remoteAddress = 'socket' } = ctx.req.socket;
        ctx.body = await exchange({ ...ctx.oidc.params }, known.client, remoteAddress);
      } catch (error) {
        if (error instanceof OauthError) {
          throw new forms.CustomOIDCProviderError(error.error, error.message);
        }
        throw error;
      }
    },
  };
}

/** Exchanged tokens are bound to nothing, and a client may not have others than bound ones by this way. */
function requireUnbound({ metadata: { certificateBoundTokens, dpopBoundTokens } }: Client): void {
  if (!certificateBoundTokens && !dpopBoundTokens) return;
  const what = 'Tokens of this client must be bound, and exchanged tokens cannot be bound.';
  throw new OauthError('unauthorized_client', what);
}

/** The token to exchange. Throws `OauthError` (RFC 8693 §2.2.2). */
async function subjectOf(parameters: Parameters, activeTokens: ActiveTokens): Promise<ActiveToken> {
  const { subject_token: text, subject_token_type: type, requested_token_type: wanted } = parameters;
  if (typeof text !== 'string') throw invalid('subject_token is missing');
  if (type !== ACCESS_TOKEN && type !== JWT) throw invalid(`subject_token_type must be ${ACCESS_TOKEN}`);
  if (wanted !== undefined && wanted !== ACCESS_TOKEN && wanted !== JWT) {
    throw invalid(`requested_token_type must be ${ACCESS_TOKEN}`);
  }
  if (parameters.actor_token !== undefined)
    throw invalid('the actor is the client itself: leave out actor_token');
  const token = await activeTokens.read(text);
  if (!token) throw new OauthError('invalid_grant', 'subject_token is not active.');
  if (token.token_epoch === undefined) throw invalid('subject_token must be the token of a person');
  // Without the proof, a stolen token could be exchanged for one without a binding.
  if (token.cnf) throw invalid('subject_token is bound to a key or a certificate');
  return token;
}

function targetsOf({ resource, audience }: Parameters): string[] {
  return [resource, audience].flat().filter((target) => typeof target === 'string');
}

/** The scopes that the subject's token and the client both have, or the requested part of them. */
function scopeOf({ scope }: Parameters, subject: ActiveToken, { metadata }: Client): string {
  const common = (subject.scope ?? '').split(' ').filter((name) => metadata.scopes.includes(name));
  if (typeof scope !== 'string') return common.join(' ');
  const wanted = [...new Set(scope.split(' ').filter(Boolean))];
  const missing = wanted.find((name) => !common.includes(name));
  if (missing === undefined) return wanted.join(' ');
  throw new OauthError('invalid_scope', `The token and the client do not both have the scope "${missing}".`);
}

function invalid(what: string): OauthError {
  return new OauthError('invalid_request', `${what}.`);
}
