// The key that signs the offers of encrypted endpoints, in the admin API, for clients that pin it.
import { z } from 'zod';
import type { Ca } from '../ca/index.ts';
import { json } from '../platform/http/answer.ts';
import type { Route } from '../platform/http/route.ts';
import { route } from '../platform/http/route.ts';
import { timestamp } from '../platform/http/schemas.ts';

const channelKeySchema = z
  .object({
    pin: z.string().describe('`sha256/` and the base64 of the SHA-256 of the public key (SPKI)'),
    chain: z.string().describe('Its certificate and the issuer, PEM'),
    names: z.array(z.string()).describe('The hosts that the certificate is for'),
    notAfter: timestamp,
  })
  .meta({ id: 'ChannelKey' });

/** The key that signs the offers of encrypted endpoints. */
export type ChannelKey = z.output<typeof channelKeySchema>;

export function channelRoutes({ signing }: Pick<Ca, 'signing'>): Route[] {
  return [
    route({
      name: 'readChannelKey',
      method: 'GET',
      path: '/admin/channel',
      permission: 'channel:ReadKey',
      summary: 'Read the key that signs the offers of encrypted endpoints',
      answers: { 200: channelKeySchema },
      async handle() {
        const { pin, chain, names, notAfter } = await signing.use();
        return json({ pin, chain, names: [...names], notAfter: notAfter.toISOString() });
      },
    }),
  ];
}
