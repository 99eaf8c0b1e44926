// The client certificate of a connection of a Node TLS server. @gatehouse/access checks its content.
import type { TLSSocket } from 'node:tls';
import type { PresentedCertificate } from '@gatehouse/access';
import { presentedBy } from '@gatehouse/access';

/**
 * The certificate that the client presented on this connection, or on the connection that it resumes;
 * undefined without one.
 */
export function presentedCertificate(socket: TLSSocket): PresentedCertificate | undefined {
  const presented = socket.getPeerX509Certificate();
  if (!presented) return undefined;
  const error = socket.authorized ? undefined : String(socket.authorizationError);
  return presentedBy({ der: presented.raw, error });
}
