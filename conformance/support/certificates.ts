// Certificates that the server under test issues over the socket in its data folder, and certificates that it
// did not issue.
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
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

/** Calls the admin API as the local operator; throws unless it succeeds. */
export function operate(data: string, target: string, body?: unknown): Promise<{ [key: string]: unknown }> {
  const { socket: socketPath } = JSON.parse(readFileSync(join(data, 'control.json'), 'utf8')) as {
    socket: string;
  };
  const [method, path] = target.split(' ');
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json' };
    const outgoing = request({ socketPath, method, path, headers }, async (answer) => {
      const content = await text(answer);
      if (answer.statusCode && answer.statusCode < 300) resolve(JSON.parse(content || '{}'));
      else reject(new Error(`${target} answered ${answer.statusCode}: ${content}`));
    });
    outgoing.on('error', reject);
    outgoing.end(body === undefined ? undefined : JSON.stringify(body));
  });
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
    subjectAltNames: [{ type: 'uniformResourceIdentifier', value: `urn:gatehouse:service:${service}` }],
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
