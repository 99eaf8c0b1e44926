// The part of Gatehouse's admin API that the benchmark needs, over one open connection with an
// administrator's API key.
import { createRequest, generatePrivateKey, parseSubjectName, signerFromKey } from '@gatehouse/x509';
import type { StartedGatehouse } from './gatehouse-start.ts';
import { createHttpConnection } from './http-connection.ts';

export interface AdminApi {
  /** A server certificate for a new P-256 key. */
  issue(name: string): Promise<IssuedAnswer>;
  revoke(serial: string, reason: string): Promise<void>;
  close(): void;
}

export interface IssuedAnswer {
  /** Lower-case hex. */
  serial: string;
  /** PEM of the certificate, and of the certificate with its issuer. */
  certificate: string;
  chain: string;
}

/** `key`: an API key of the role `admin`. */
export function createAdminApi({ control, root }: StartedGatehouse, key: string): AdminApi {
  const connection = createHttpConnection({ host: 'localhost', port: Number(new URL(control).port), root });
  const fields = `Content-Type: application/json\r\nX-API-Key: ${key}\r\n`;

  async function post(target: string, message: object): Promise<unknown> {
    const body = JSON.stringify(message);
    const answer = await connection.exchange({ method: 'POST', target, fields, body });
    const text = answer.body.toString('utf8');
    if (answer.status < 400) return JSON.parse(text);
    throw new Error(`Gatehouse answers ${answer.status} to ${target}: ${text}`);
  }

  return {
    async issue(name) {
      const signer = signerFromKey(generatePrivateKey('P-256'));
      const { pem } = createRequest({ subject: {}, subjectAltNames: [parseSubjectName(name)] }, signer);
      return (await post('/admin/certificates', { request: pem, profile: 'server' })) as IssuedAnswer;
    },
    async revoke(serial, reason) {
      await post(`/admin/certificates/${serial}/revoke`, { reason });
    },
    close: connection.close,
  };
}
