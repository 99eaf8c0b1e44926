// Certificates of orders as ACME resources: their chains, revocation, and the best time to renew them
// (RFC 8555 §7.4.2, §7.6; RFC 9773).
import { z } from 'zod';
import { content } from '../../platform/http/answer.ts';
import type { Route } from '../../platform/http/route.ts';
import type { Gate } from '../request/gate.ts';
import type { Replies } from '../request/reply.ts';
import { requirePostAsGet } from '../request/reply.ts';
import { PATHS } from '../urls.ts';
import type { Orders } from './orders.ts';
import { renewalInfo, renewalInfoSchema } from './renewal-info.ts';
import type { RevocationDeps } from './revocation.ts';
import { revokeCertificate } from './revocation.ts';

export interface CertificateRoutesDeps extends RevocationDeps {
  gate: Gate;
  orders: Orders;
  replies: Replies;
}

const CHAIN_TYPE = 'application/pem-certificate-chain';

export function certificateRoutes(deps: CertificateRoutesDeps): Route[] {
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
      params: z.object({ id: z.string() }),
      answers: { 200: renewalInfoSchema },
      handle: ({ params }) => renewalInfo(params.id, certificates),
    }),
  ];
}
