// The resources of RFC 8555 §7.1 and RFC 9773 as routes. They need no permission, because the signature of
// each request shows the account.
import { z } from 'zod';
import type { Route } from '../platform/http/route.ts';
import type { AccountRoutesDeps } from './account/account-routes.ts';
import { accountRoutes } from './account/account-routes.ts';
import type { AuthorizationRoutesDeps } from './order/authorization-routes.ts';
import { authorizationRoutes } from './order/authorization-routes.ts';
import type { CertificateRoutesDeps } from './order/certificate-routes.ts';
import { certificateRoutes } from './order/certificate-routes.ts';
import type { OrderRoutesDeps } from './order/order-routes.ts';
import { orderRoutes } from './order/order-routes.ts';
import type { Replies } from './request/reply.ts';
import type { Urls } from './urls.ts';
import { PATHS } from './urls.ts';

interface DirectoryDeps {
  replies: Replies;
  urls: Urls;
  requireEab: boolean;
}

type AcmeRoutesDeps = DirectoryDeps &
  AccountRoutesDeps &
  OrderRoutesDeps &
  AuthorizationRoutesDeps &
  CertificateRoutesDeps;

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

function directoryRoutes({ replies, urls, requireEab }: DirectoryDeps): Route[] {
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
