// The resources of RFC 8555 §7.1 and RFC 9773 as routes. Anyone may call them: who asks is in the signature of each request.
import { z } from 'zod';
import type { Clock } from '../platform/clock.ts';
import type { Call, Route } from '../platform/http/route.ts';
import type { Accounts } from './account/accounts.ts';
import { isId } from './ids.ts';
import type { Authorizations } from './order/authorizations.ts';
import { statusOf } from './order/authorizations.ts';
import type { IdentifierRules } from './order/identifiers.ts';
import { readOneIdentifier } from './order/identifiers.ts';
import type { CurrentOrder } from './order/order-status.ts';
import type { Orders } from './order/orders.ts';
import { renewalInfo } from './order/renewal-info.ts';
import type { RevocationDeps } from './order/revocation.ts';
import { revokeCertificate } from './order/revocation.ts';
import { accountView, authorizationView, challengeView, orderView } from './order/views.ts';
import { AcmeError, unknownResource } from './problem.ts';
import type { AccountRequest, Gate } from './request/gate.ts';
import { jsonPayload } from './request/jws.ts';
import type { Replies, Reply } from './request/reply.ts';
import { isPostAsGet, readPayload, requirePostAsGet } from './request/reply.ts';
import type { AcmeCertificates, Authorization, ChallengeType } from './types.ts';
import { CHALLENGE_TYPES } from './types.ts';
import type { Urls } from './urls.ts';
import { PATHS } from './urls.ts';
import type { Validations } from './validation/validations.ts';

export interface AcmeRoutesDeps extends RevocationDeps {
  gate: Gate;
  replies: Replies;
  urls: Urls;
  clock: Clock;
  certificates: AcmeCertificates;
  accounts: Accounts;
  authorizations: Authorizations;
  orders: Orders;
  validations: Validations;
  allowed: IdentifierRules;
  requireEab: boolean;
}

export function acmeRoutes(deps: AcmeRoutesDeps): Route[] {
  return [
    ...directoryRoutes(deps),
    ...accountRoutes(deps),
    ...orderRoutes(deps),
    ...authorizationRoutes(deps),
    ...certificateRoutes(deps),
  ];
}

function directoryRoutes({ replies, urls, requireEab }: AcmeRoutesDeps): Route[] {
  const directory = {
    newNonce: urls.of(PATHS.newNonce),
    newAccount: urls.of(PATHS.newAccount),
    newOrder: urls.of(PATHS.newOrder),
    newAuthz: urls.of(PATHS.newAuthz),
    revokeCert: urls.of(PATHS.revokeCert),
    keyChange: urls.of(PATHS.keyChange),
    renewalInfo: urls.of(PATHS.renewalInfo),
    meta: { website: urls.origin, externalAccountRequired: requireEab },
  };
  return [replies.get(PATHS.directory, () => ({ body: directory })), replies.newNonce];
}

function accountRoutes({ accounts, gate, orders, replies, urls }: AcmeRoutesDeps): Route[] {
  return [
    ...replies.post(PATHS.newAccount, async (call) => {
      const { account, isNew } = await accounts.open(await gate.byKey(call));
      const headers = { location: urls.account(account.id) };
      return { status: isNew ? 201 : 200, body: accountView(account, urls), headers };
    }),
    ...replies.post(`${PATHS.account}/:id`, async (call) => {
      const request = await ownAccount(call, gate);
      const account = isPostAsGet(request) ? request.account : await accounts.update(request);
      return { body: accountView(account, urls), headers: { location: urls.account(account.id) } };
    }),
    ...replies.post(`${PATHS.account}/:id/orders`, async (call) => {
      const { account, payload, url } = await ownAccount(call, gate);
      requirePostAsGet({ payload });
      const cursor = new URL(url).searchParams.get('cursor') ?? '';
      const { ids, next } = await orders.list(account, isId(cursor) ? cursor : undefined);
      const more = `<${urls.orders(account.id)}?cursor=${next}>;rel="next"`;
      return { body: { orders: ids.map(urls.order) }, links: next === undefined ? [] : [more] };
    }),
    ...replies.post(PATHS.keyChange, async (call) => {
      const account = await accounts.changeKey(await gate.byAccount(call), urls);
      return { body: accountView(account, urls), headers: { location: urls.account(account.id) } };
    }),
  ];
}

async function ownAccount(call: Call, gate: Gate): Promise<AccountRequest> {
  const request = await gate.byAccount(call);
  if (call.param('id') === request.account.id) return request;
  throw new AcmeError('unauthorized', 'The request is signed by another account.');
}

function orderRoutes({ gate, orders, replies, urls }: AcmeRoutesDeps): Route[] {
  const reply = (order: CurrentOrder, status = 200): Reply => {
    return { status, body: orderView(order, urls), headers: { location: urls.order(order.id) } };
  };
  return [
    ...replies.post(PATHS.newOrder, async (call) =>
      reply(await orders.create(await gate.byAccount(call)), 201),
    ),
    ...replies.post(`${PATHS.order}/:id`, async (call) => {
      const request = await gate.byAccount(call);
      requirePostAsGet(request);
      return reply(await orders.find(request.account, call.param('id')));
    }),
    ...replies.post(`${PATHS.order}/:id/finalize`, async (call) =>
      reply(await orders.finalize(await gate.byAccount(call), call.param('id'))),
    ),
  ];
}

const text = z.string('must be a text');
const newAuthorization = z.object({
  identifier: z.object({ type: text, value: text }, 'must have "type" and "value"'),
});

function authorizationRoutes(deps: AcmeRoutesDeps): Route[] {
  const { authorizations, allowed, clock, gate, replies, urls, validations } = deps;
  return [
    ...replies.post(PATHS.newAuthz, async (call) => {
      const request = await gate.byAccount(call);
      const { value } = readOneIdentifier(readPayload(newAuthorization, request).identifier, allowed);
      const { authorization, isNew } = await authorizations.ahead(request.account, value);
      return {
        status: isNew ? 201 : 200,
        body: authorizationView(authorization, clock.now(), urls),
        headers: { location: urls.authorization(authorization.id) },
      };
    }),
    ...replies.post(`${PATHS.authorization}/:id`, async (call) => {
      const request = await gate.byAccount(call);
      const id = call.param('id');
      const authorization = isPostAsGet(request)
        ? await authorizations.find(request.account, id)
        : await deactivate(request, id, authorizations);
      return {
        body: authorizationView(authorization, clock.now(), urls),
        headers: retryAfter(authorization, clock),
      };
    }),
    ...replies.post(`${PATHS.challenge}/:id/:type`, async (call) => {
      const request = await gate.byAccount(call);
      const type = challengeType(call.param('type'));
      const found = await authorizations.find(request.account, call.param('id'));
      const authorization = isPostAsGet(request)
        ? found
        : await answer(request, found, { type, validations });
      return {
        body: challengeView(authorization, type, clock.now(), urls),
        headers: retryAfter(authorization, clock),
        links: [`<${urls.authorization(authorization.id)}>;rel="up"`],
      };
    }),
  ];
}

/** Members of the payload are ignored: what an early draft had there is derived (RFC 8555 §7.5.1). */
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
  throw new AcmeError('malformed', 'An authorization can be set to "deactivated", nothing else.');
}

function challengeType(text: string): ChallengeType {
  const type = CHALLENGE_TYPES.find((known) => known === text);
  if (type === undefined) throw unknownResource('challenge');
  return type;
}

const POLL_SECONDS = 1;

/** While a validation is under way (RFC 8555 §8.2). */
function retryAfter(authorization: Authorization, clock: Clock): Record<string, string> {
  const waits = authorization.status === 'processing' && statusOf(authorization, clock.now()) === 'pending';
  return waits ? { 'retry-after': String(POLL_SECONDS) } : {};
}

function certificateRoutes(deps: AcmeRoutesDeps): Route[] {
  const { certificates, gate, orders, replies } = deps;
  return [
    ...replies.post(`${PATHS.certificate}/:serial`, async (call) => {
      const request = await gate.byAccount(call);
      requirePostAsGet(request);
      const chain = await orders.chain(request.account, call.param('serial'));
      return { body: chain, headers: { 'content-type': 'application/pem-certificate-chain' } };
    }),
    ...replies.post(PATHS.revokeCert, async (call) => {
      await revokeCertificate(await gate.byEither(call), deps);
      return { body: '' };
    }),
    replies.get(`${PATHS.renewalInfo}/:id`, (call) => renewalInfo(call.param('id'), certificates)),
  ];
}
