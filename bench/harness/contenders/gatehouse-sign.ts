// Gatehouse as a signer of requests: the admin API, authenticated by an API key. Every certificate is a row
// of the inventory and an entry of the ledger, both on disk before the answer.
import { VERSION } from '@gatehouse/server';
import type { Build } from '../builds.ts';
import type { Contender, OwnSite } from '../contender.ts';
import { createAdminKey, startGatehouse } from '../gatehouse-start.ts';
import type { StartedSigner } from './cfssl.ts';

export const gatehouseSign = ({ name, checkout }: Build): Contender<OwnSite, StartedSigner> => ({
  name,
  install: '',
  version: () => VERSION,
  async start(site) {
    const { program, root, control, socket } = await startGatehouse({ ...site, checkout }, {});
    const messageWith = (credential: string) => (request: { pem: string }) => ({
      method: 'POST' as const,
      target: '/admin/certificates',
      fields: `Content-Type: application/json\r\n${credential}`,
      body: JSON.stringify({ request: request.pem, profile: 'server' }),
    });
    return {
      program,
      origin: { host: 'localhost', port: Number(new URL(control).port), root },
      message: messageWith(`X-API-Key: ${await createAdminKey(socket)}\r\n`),
      forged: messageWith(''),
      certificate({ status, body }) {
        const { certificate, detail }: Answer = JSON.parse(body.toString('utf8'));
        if (status === 201 && certificate !== undefined) return certificate;
        throw new Error(`it answered ${status}: ${detail}`);
      },
    };
  },
});

interface Answer {
  certificate?: string;
  detail?: string;
}
