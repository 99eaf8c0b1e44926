// Client certificates of our authority at the token endpoint (RFC 8705), checked in the same way as at the
// gateway.
import { X509Certificate } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';
import type { MtlsWay } from '@gatehouse/access';
import { GatehouseError } from '@gatehouse/access';
import { presentedCertificate } from '../../platform/listening/client-certificate.ts';

export interface Certificates {
  /** The certificate of the connection, if it is valid here; PEM. */
  pemOf(request: IncomingMessage): string | undefined;
  /** The service that the certificate of the connection names. */
  serviceOf(request: IncomingMessage): string | undefined;
}

export function createCertificates(mtls: Pick<MtlsWay, 'authenticate'>): Certificates {
  function serviceOf({ socket }: IncomingMessage): string | undefined {
    if (!(socket instanceof TLSSocket)) return undefined;
    const certificate = presentedCertificate(socket);
    if (!certificate) return undefined;
    try {
      const { kind, name } = mtls.authenticate(certificate);
      return kind === 'service' ? name : undefined;
    } catch (error) {
      if (error instanceof GatehouseError) return undefined;
      throw error;
    }
  }

  return {
    serviceOf,
    pemOf(request) {
      const { socket } = request;
      if (serviceOf(request) === undefined || !(socket instanceof TLSSocket)) return undefined;
      const presented = socket.getPeerX509Certificate();
      return presented && new X509Certificate(presented.raw).toString();
    },
  };
}
