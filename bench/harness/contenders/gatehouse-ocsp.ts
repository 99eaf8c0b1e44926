// Gatehouse as an OCSP responder: the plain PKI listener, with questions about certificates that it issued
// over its admin API.
import { VERSION } from '@gatehouse/server';
import { encodePem, readCertificates } from '@gatehouse/x509';
import { createAdminApi } from '../admin-api.ts';
import type { Contender, OwnSite } from '../contender.ts';
import { createAdminKey, startGatehouse } from '../gatehouse-start.ts';
import type { KnownCertificate, StartedResponder } from './openssl-ocsp.ts';
import { CERTIFICATES, REVOKED_ONE_IN } from './openssl-ocsp.ts';

export const gatehouseOcsp: Contender<OwnSite, StartedResponder> = {
  name: 'Gatehouse',
  install: '',
  version: () => VERSION,
  async start(site) {
    const started = await startGatehouse(site, {});
    const api = createAdminApi(started, await createAdminKey(started.socket));
    const certificates: KnownCertificate[] = [];
    for (let index = 0; index < CERTIFICATES; index += 1) {
      const { serial, chain } = await api.issue(`host-${index}.example.com`);
      const isRevoked = index % REVOKED_ONE_IN === 0;
      if (isRevoked) await api.revoke(serial, 'superseded');
      const [certificate = '', issuer = ''] = readCertificates(chain).map(({ der }) =>
        encodePem('CERTIFICATE', der),
      );
      certificates.push({ certificate, issuer, isRevoked });
    }
    api.close();
    const { port } = new URL(started.pki);
    return {
      program: started.program,
      origin: { host: 'localhost', port: Number(port) },
      target: '/ocsp',
      certificates,
    };
  },
};
