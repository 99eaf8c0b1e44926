// Authorizations and their challenges as ACME resources (RFC 8555 §7.1.4, §7.4.1, §7.5).
import type { Clock } from '@gatehouse/access';
import { z } from 'zod';
import type { Route } from '../../platform/http/route.ts';
import { AcmeError, unknownResource } from '../problem.ts';
import type { AccountRequest, Gate } from '../request/gate.ts';
import { jsonPayload } from '../request/jws.ts';
import type { Replies } from '../request/reply.ts';
import { isPostAsGet, readPayload } from '../request/reply.ts';
import type { Authorization, ChallengeType } from '../types.ts';
import { CHALLENGE_TYPES } from '../types.ts';
import type { Urls } from '../urls.ts';
import { PATHS } from '../urls.ts';
import type { Validations } from '../validation/validations.ts';
import type { Authorizations } from './authorizations.ts';
import { authorizationStatus } from './authorizations.ts';
import type { IdentifierRules } from './identifiers.ts';
import { readOneIdentifier } from './identifiers.ts';
import { authorizationSchema, authorizationView, challengeSchema, challengeView } from './views.ts';

export interface AuthorizationRoutesDeps {
  allowed: IdentifierRules;
  authorizations: Authorizations;
  clock: Clock;
  gate: Gate;
  replies: Replies;
  urls: Urls;
  validations: Validations;
}

const byId = z.object({ id: z.string() });
const text = z.string('must be a text');
const newAuthorization = z.object({
  identifier: z.object({ type: text, value: text }, 'must have "type" and "value"'),
});

export function authorizationRoutes(deps: AuthorizationRoutesDeps): Route[] {
  const { authorizations, allowed, clock, gate, replies, urls } = deps;
  return [
    ...replies.post({
      name: 'acmeNewAuthorization',
      path: PATHS.newAuthz,
      summary: 'Validate a name before an order (RFC 8555 §7.4.1)',
      answers: { 200: authorizationSchema, 201: authorizationSchema },
      async handle(call) {
        const request = await gate.byAccount(call);
        const { value } = readOneIdentifier(readPayload(newAuthorization, request).identifier, allowed);
        const { authorization, isNew } = await authorizations.ahead(request.account, value);
        return {
          status: isNew ? 201 : 200,
          body: authorizationView(authorization, clock.now(), urls),
          headers: { location: urls.authorization(authorization.id) },
        };
      },
    }),
    ...replies.post({
      name: 'acmeAuthorization',
      path: `${PATHS.authorization}/:id`,
      summary: 'Read or deactivate an authorization (RFC 8555 §7.5)',
      params: byId,
      answers: { 200: authorizationSchema },
      async handle(call) {
        const request = await gate.byAccount(call);
        const { id } = call.params;
        const authorization = isPostAsGet(request)
          ? await authorizations.find(request.account, id)
          : await deactivate(request, id, authorizations);
        return {
          body: authorizationView(authorization, clock.now(), urls),
          headers: retryAfter(authorization, clock),
        };
      },
    }),
    ...challengeRoutes(deps),
  ];
}

function challengeRoutes(deps: AuthorizationRoutesDeps): Route[] {
  const { authorizations, clock, gate, replies, urls, validations } = deps;
  return replies.post({
    name: 'acmeChallenge',
    path: `${PATHS.challenge}/:id/:type`,
    summary: 'Read a challenge, or start its validation (RFC 8555 §7.5.1)',
    params: z.object({ id: z.string(), type: z.string() }),
    answers: { 200: challengeSchema },
    async handle(call) {
      const request = await gate.byAccount(call);
      const type = challengeType(call.params.type);
      const found = await authorizations.find(request.account, call.params.id);
      const authorization = isPostAsGet(request)
        ? found
        : await answer(request, found, { type, validations });
      return {
        body: challengeView(authorization, type, clock.now(), urls),
        headers: retryAfter(authorization, clock),
        links: [`<${urls.authorization(authorization.id)}>;rel="up"`],
      };
    },
  });
}

/**
 * Ignores the members of the payload. Early drafts had the key authorization there, which the server computes
 * (RFC 8555 §7.5.1).
 */
function answer(
  request: AccountRequest,
  authorization: Authorization,
  { type, validations }: { type: ChallengeType; validations: Validations },
): Promise<Authorization> {
  jsonPayload(request);
  const { account, call } = request;
  return validations.answer({ account, authorization, type, address: call.address });
}

function deactivate(
  request: AccountRequest,
  id: string,
  authorizations: Authorizations,
): Promise<Authorization> {
  const { status } = jsonPayload(request);
  if (status === 'deactivated') return authorizations.deactivate(request.account, id);
  throw new AcmeError('malformed', 'The status of an authorization can only be set to "deactivated".');
}

function challengeType(text: string): ChallengeType {
  const type = CHALLENGE_TYPES.find((known) => known === text);
  if (type === undefined) throw unknownResource('challenge');
  return type;
}

const POLL_SECONDS = 1;

/** While a validation is under way (RFC 8555 §8.2). */
function retryAfter(authorization: Authorization, clock: Clock): Record<string, string> {
  const waits =
    authorization.status === 'processing' && authorizationStatus(authorization, clock.now()) === 'pending';
  return waits ? { 'retry-after': String(POLL_SECONDS) } : {};
}
