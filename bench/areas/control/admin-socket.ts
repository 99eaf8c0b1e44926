// The admin API over the Unix socket in the data folder, on one open connection.
import { createRequest, generatePrivateKey, signerFromKey } from '@gatehouse/x509';
import { createHttpConnection } from '../../harness/http-connection.ts';

export interface AdminSocket {
  /** Throws unless it succeeds. Resolves with the answer's JSON, or undefined. */
  call(method: 'GET' | 'POST' | 'PUT' | 'DELETE', target: string, message?: object): Promise<unknown>;
  createKey(name: string): Promise<{ id: string; key: string }>;
  revokeKey(id: string): Promise<void>;
  createUser(name: string): Promise<void>;
  removeUser(name: string): Promise<void>;
  /** A client certificate for a service; its serial number. */
  issueCertificate(service: string): Promise<string>;
  revokeCertificate(serial: string): Promise<void>;
  /** False for a build without policies. */
  hasPolicies(): Promise<boolean>;
  /** Replaces all policies by one file with this text. */
  applyPolicies(text: string): Promise<void>;
  close(): void;
}

// The time of a change is measured, so it has no limit.
const SILENCE_MS = 120_000;
const PASSWORD = 'correct horse battery staple';
const ROLES = ['user'];

export function createAdminSocket(socketPath: string): AdminSocket {
  const connection = createHttpConnection({ socketPath }, SILENCE_MS);

  const exchange = (method: 'GET' | 'POST' | 'PUT' | 'DELETE', target: string, message?: object) =>
    connection.exchange({
      method,
      target,
      ...(message && { fields: 'Content-Type: application/json\r\n', body: JSON.stringify(message) }),
    });

  const call: AdminSocket['call'] = async (method, target, message) => {
    const answer = await exchange(method, target, message);
    const text = answer.body.toString('utf8');
    if (answer.status >= 400) throw new Error(`${method} ${target} is answered ${answer.status}: ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  };

  return {
    call,
    createKey: async (name) =>
      (await call('POST', '/admin/keys', { name, roles: ROLES })) as { id: string; key: string },
    async revokeKey(id) {
      await call('DELETE', `/admin/keys/${id}`);
    },
    async createUser(name) {
      await call('POST', '/admin/users', { name, password: PASSWORD, roles: ROLES });
    },
    async removeUser(name) {
      await call('DELETE', `/admin/users/${name}`);
    },
    async issueCertificate(service) {
      const signer = signerFromKey(generatePrivateKey('P-256'));
      const { pem } = createRequest({ subject: { commonName: service } }, signer);
      const issued = await call('POST', '/admin/certificates', { request: pem, profile: 'client' });
      return (issued as { serial: string }).serial;
    },
    async revokeCertificate(serial) {
      await call('POST', `/admin/certificates/${serial}/revoke`, { reason: 'superseded' });
    },
    hasPolicies: async () => (await exchange('GET', '/admin/policies')).status === 200,
    async applyPolicies(text) {
      await call('PUT', '/admin/policies', { files: [{ name: 'measured.cedar', text }] });
    },
    close: connection.close,
  };
}
