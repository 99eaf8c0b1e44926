// The resources of RFC 8555 §7.1 and RFC 9773 as routes. Anyone may call them: who asks is in the signature
// of each request.
import type { Clock } from '@gatehouse/access';
import { z } from 'zod';
import { content } from '../platform/http/answer.ts';
import type { Route } from '../platform/http/route.ts';
import type { Accounts } from './account/accounts.ts';
import { isId } from './ids.ts';
import type { Authorizations } from './order/authorizations.ts';
import { authorizationStatus } from './order/authorizations.ts';
import type { IdentifierRules } from './order/identifiers.ts';
import { readOneIdentifier } from './order/identifiers.ts';
import type { CurrentOrder } from './order/order-status.ts';
import type { Orders } from './order/orders.ts';
import { renewalInfo, renewalInfoSchema } from './order/renewal-info.ts';
import type { RevocationDeps } from './order/revocation.ts';
import { revokeCertificate } from './order/revocation.ts';
import {
  accountSchema,
  accountView,
  authorizationSchema,
  authorizationView,
  challengeSchema,
  challengeView,
  orderSchema,
  orderView,
} from './order/views.ts';
import { AcmeError, unknownResource } from './problem.ts';
import type { AccountRequest, Gate } from './request/gate.ts';
import { jsonPayload } from './request/jws.ts';
import type { Replies, SignedCall } from './request/reply.ts';
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

const url = z.string().describe('A URL');
const directorySchema = z
  .object({
    newNonce: url,
    newAccount: url,
    newOrder: url,
    newAuthz: url,
    revokeCert: url,
    keyChange: url,
    renewalInfo: url,
    meta: z.object({ website: url, externalAccountRequired: z.boolean() }),
  })
  .meta({ id: 'AcmeDirectory' });
const byId = z.object({ id: z.string() });

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
  return [
    replies.get({
      name: 'acmeDirectory',
      path: PATHS.directory,
      summary: 'Read the URLs of the ACME resources (RFC 8555 §7.1.1)',
      answers: { 200: directorySchema },
      handle: () => ({ body: directory }),
    }),
    replies.newNonce,
  ];
}

function accountRoutes({ accounts, gate, orders, replies, urls }: AcmeRoutesDeps): Route[] {
  return [
    ...replies.post({
      name: 'acmeNewAccount',
      path: PATHS.newAccount,
      summary: 'Create an account, or find the account of a key (RFC 8555 §7.3)',
      answers: { 200: accountSchema, 201: accountSchema },
      async handle(call) {
        const { account, isNew } = await accounts.open(await gate.byKey(call));
        const headers = { location: urls.account(account.id) };
        return { status: isNew ? 201 : 200, body: accountView(account, urls), headers };
      },
    }),
    ...replies.post({
      name: 'acmeAccount',
      path: `${PATHS.account}/:id`,
      summary: 'Read, change or deactivate an account (RFC 8555 §7.3.2)',
      params: byId,
      answers: { 200: accountSchema },
      async handle(call) {
        const request = await ownAccount(call, gate);
        const account = isPostAsGet(request) ? request.account : await accounts.update(request);
        return { body: accountView(account, urls), headers: { location: urls.account(account.id) } };
      },
    }),
    ...replies.post({
      name: 'acmeAccountOrders',
      path: `${PATHS.account}/:id/orders`,
      summary: 'List the orders of an account (RFC 8555 §7.1.2.1)',
      params: byId,
      answers: { 200: z.object({ orders: z.array(url) }) },
      async handle(call) {
        const { account, payload, url } = await ownAccount(call, gate);
        requirePostAsGet({ payload });
        const cursor = new URL(url).searchParams.get('cursor') ?? '';
        const { ids, next } = await orders.list(account, isId(cursor) ? cursor : undefined);
        const more = `<${urls.orders(account.id)}?cursor=${next}>;rel="next"`;
        return { body: { orders: ids.map(urls.order) }, links: next === undefined ? [] : [more] };
      },
    }),
    ...replies.post({
      name: 'acmeKeyChange',
      path: PATHS.keyChange,
      summary: 'Give an account another key (RFC 8555 §7.3.5)',
      answers: { 200: accountSchema },
      async handle(call) {
        const account = await accounts.changeKey(await gate.byAccount(call), urls);
        return { body: accountView(account, urls), headers: { location: urls.account(account.id) } };
      },
    }),
  ];
}

async function ownAccount(call: SignedCall<{ id: string }>, gate: Gate): Promise<AccountRequest> {
  const request = await gate.byAccount(call);
  if (call.params.id === request.account.id) return request;
  throw new AcmeError('unauthorized', 'The request is signed by another account.');
}

function orderRoutes({ gate, orders, replies, urls }: AcmeRoutesDeps): Route[] {
  const reply = (order: CurrentOrder, status = 200) => {
    return { status, body: orderView(order, urls), headers: { location: urls.order(order.id) } };
  };
  return [
    ...replies.post({
      name: 'acmeNewOrder',
      path: PATHS.newOrder,
      summary: 'Order a certificate (RFC 8555 §7.4)',
      answers: { 201: orderSchema },
      handle: async (call) => reply(await orders.create(await gate.byAccount(call)), 201),
    }),
    ...replies.post({
      name: 'acmeOrder',
      path: `${PATHS.order}/:id`,
      summary: 'Read an order',
      params: byId,
      answers: { 200: orderSchema },
      async handle(call) {
        const request = await gate.byAccount(call);
        requirePostAsGet(request);
        return reply(await orders.find(request.account, call.params.id));
      },
    }),
    ...replies.post({
      name: 'acmeFinalize',
      path: `${PATHS.order}/:id/finalize`,
      summary: 'Send the certificate request of an order (RFC 8555 §7.4)',
      params: byId,
      answers: { 200: orderSchema },
      handle: async (call) => reply(await orders.finalize(await gate.byAccount(call), call.params.id)),
    }),
  ];
}

const text = z.string('must be a text');
const newAuthorization = z.object({
  identifier: z.object({ type: text, value: text }, 'must have "type" and "value"'),
});

function authorizationRoutes(deps: AcmeRoutesDeps): Route[] {
  const { authorizations, allowed, clock, gate, replies, urls } = deps;
  return [
    ...replies.post({
      name: 'acmeNewAuthorization',
      path: PATHS.newAuthz,
      summary: 'Validate a name ahead of an order (RFC 8555 §7.4.1)',
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

function challengeRoutes(deps: AcmeRoutesDeps): Route[] {
  const { authorizations, clock, gate, replies, urls, validations } = deps;
  return replies.post({
    name: 'acmeChallenge',
    path: `${PATHS.challenge}/:id/:type`,
    summary: 'Read a challenge, or say that it can be validated (RFC 8555 §7.5.1)',
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
  const waits =
    authorization.status === 'processing' && authorizationStatus(authorization, clock.now()) === 'pending';
  return waits ? { 'retry-after': String(POLL_SECONDS) } : {};
}

const CHAIN_TYPE = 'application/pem-certificate-chain';

function certificateRoutes(deps: AcmeRoutesDeps): Route[] {
  const { certificates, gate, orders, replies } = deps;
  return [
    ...replies.post({
      name: 'acmeCertificate',
      path: `${PATHS.certificate}/:serial`,
      summary: 'Read the certificate of an order with its chain (RFC 8555 §7.4.2)',
      params: z.object({ serial: z.string() }),
      answers: { 200: content(CHAIN_TYPE) },
      async handle(call) {
        const request = await gate.byAccount(call);
        requirePostAsGet(request);
        const chain = await orders.chain(request.account, call.params.serial);
        return { body: chain, headers: { 'content-type': CHAIN_TYPE } };
      },
    }),
    ...replies.post({
      name: 'acmeRevokeCertificate',
      path: PATHS.revokeCert,
      summary: 'Revoke a certificate (RFC 8555 §7.6)',
      answers: { 200: null },
      async handle(call) {
        await revokeCertificate(await gate.byEither(call), deps);
        return { body: '' };
      },
    }),
    replies.get({
      name: 'acmeRenewalInfo',
      path: `${PATHS.renewalInfo}/:id`,
      summary: 'Read when to renew a certificate (RFC 9773)',
      params: byId,
      answers: { 200: renewalInfoSchema },
      handle: ({ params }) => renewalInfo(params.id, certificates),
    }),
  ];
}
