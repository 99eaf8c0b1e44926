// Certificates that the server under test issues over the socket in its data folder, and certificates that it
// did not issue.
import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  clientProfile,
  createIssuer,
  createRequest,
  encodePrivateKey,
  generatePrivateKey,
  rootProfile,
  selfSignCertificate,
  signerFromKey,
} from '@gatehouse/x509';
import type { Json } from './admin-api.ts';
import { adminOf } from './admin-api.ts';

export interface TestCertificate {
  /** PEM: the leaf and the intermediates below the root. */
  cert: string;
  /** PEM. */
  key: string;
  certFile: string;
  keyFile: string;
  /** Lower-case hex. */
  serial: string;
}

/** Calls the admin API as the local operator, with a target such as `GET /admin/keys`. Throws if it fails. */
export async function operate(data: string, target: string, body?: unknown): Promise<Json> {
  const [method = '', path = ''] = target.split(' ');
  return adminOf(data)(method, path, body);
}

export interface CertificateOrder {
  /** Default: client. */
  profile?: string;
  lifetimeSeconds?: number;
}

/** A certificate for `name`. Its files are in the data folder. */
export async function issue(
  data: string,
  name: string,
  order: CertificateOrder = {},
): Promise<TestCertificate> {
  const { profile = 'client', lifetimeSeconds } = order;
  const key = generatePrivateKey('P-256');
  const names = profile === 'client' ? {} : { subjectAltNames: [{ type: 'dNSName', value: name } as const] };
  const { pem } = createRequest({ subject: { commonName: name }, ...names }, signerFromKey(key));
  const body = { request: pem, profile, lifetimeSeconds };
  const issued = await operate(data, 'POST /admin/certificates', body);
  return writeFiles(data, {
    cert: String(issued.chain),
    key: encodePrivateKey(key),
    serial: String(issued.serial),
  });
}

/** A certificate with the service's name from an unknown authority. */
export function forge(data: string, service: string): TestCertificate {
  const signer = signerFromKey(generatePrivateKey('P-256'));
  const dates = { notBefore: new Date(Date.now() - 60_000), notAfter: new Date(Date.now() + 60_000) };
  const subject = { commonName: 'Gatehouse Root' };
  const root = selfSignCertificate({ profile: rootProfile(), subject, ...dates }, { signer, randomBytes });
  const key = generatePrivateKey('P-256');
  const { pem, serialNumber } = createIssuer({ certificate: root.pem, signer, randomBytes }).issue({
    profile: clientProfile(),
    subject: { commonName: service },
    subjectAltNames: [
      { type: 'uniformResourceIdentifier', value: `spiffe://gatehouse.internal/service/${service}` },
    ],
    publicKey: signerFromKey(key).publicKey,
    ...dates,
  });
  return writeFiles(data, { cert: pem, key: encodePrivateKey(key), serial: serialNumber });
}

function writeFiles(
  data: string,
  certificate: Pick<TestCertificate, 'cert' | 'key' | 'serial'>,
): TestCertificate {
  const folder = join(data, 'test-certificates');
  mkdirSync(folder, { recursive: true });
  const path = join(folder, certificate.serial);
  const files = { certFile: `${path}.pem`, keyFile: `${path}.key` };
  writeFileSync(files.certFile, certificate.cert);
  writeFileSync(files.keyFile, certificate.key, { mode: 0o600 });
  return { ...certificate, ...files };
}
