// A small authority for tests of ACME: real certificates, an inventory in memory.
import { randomBytes } from 'node:crypto';
import type { Clock } from '@gatehouse/access';
import { GatehouseError } from '@gatehouse/access';
import {
  createIssuer,
  generatePrivateKey,
  intermediateProfile,
  keyIdentifier,
  parseSubjectName,
  readCertificate,
  rootProfile,
  selfSignCertificate,
  serverProfile,
  signerFromKey,
  verifyRequest,
  X509Error,
} from '@gatehouse/x509';
import type { AcmeCertificates } from '../../../src/acme/types.ts';
import type { Certificate, SigningOrder } from '../../../src/ca/index.ts';

export interface TestIssuer {
  certificates: AcmeCertificates;
  root: string;
  /** The issued certificates. */
  issued: Map<string, Certificate>;
  /** All signed orders, also those that were not recorded. */
  orders: SigningOrder[];
}

const DAY_MS = 86_400_000;

export function createTestIssuer(clock: Clock): TestIssuer {
  const rootSigner = signerFromKey(generatePrivateKey('P-256'));
  const signer = signerFromKey(generatePrivateKey('P-256'));
  const notBefore = new Date(clock.now() - DAY_MS);
  const validity = { notBefore, notAfter: new Date(clock.now() + 1000 * DAY_MS) };
  const root = selfSignCertificate(
    { profile: rootProfile(), subject: { commonName: 'Test Root' }, ...validity },
    { signer: rootSigner, randomBytes },
  ).pem;
  const intermediate = createIssuer({ certificate: root, signer: rootSigner, randomBytes }).issue({
    profile: intermediateProfile(),
    subject: { commonName: 'Test Intermediate' },
    publicKey: signer.publicKey,
    ...validity,
  }).pem;
  const issuer = createIssuer({ certificate: intermediate, signer, randomBytes });
  const issuerKeyId = Buffer.from(keyIdentifier(signer.publicKey)).toString('hex');
  const profile = serverProfile();
  const issued = new Map<string, Certificate>();
  /** Also certificates that the inventory lacks. */
  const signed = new Map<string, Certificate>();
  const orders: SigningOrder[] = [];
  const compromised = new Set<string>();

  const certificates: AcmeCertificates = {
    async sign(_tx, order) {
      checkPossession(order);
      if (compromised.has(Buffer.from(order.request.spki).toString('hex'))) {
        const reason = 'the key of the request is compromised: create a new one';
        throw new GatehouseError('certificate_refused', `No certificate: ${reason}.`);
      }
      orders.push(order);
      const names = [...(order.names ?? [])];
      const certificate = issuer.issue({
        profile,
        subject: {},
        subjectAltNames: names.map((name) => parseSubjectName(name)),
        publicKey: order.request.spki,
        notBefore: order.notBefore ?? new Date(clock.now() - 60_000),
        notAfter: order.notAfter ?? new Date(clock.now() + DAY_MS),
      });
      const { serialNumber, pem } = certificate;
      const dates = {
        notBefore: certificate.notBefore,
        notAfter: certificate.notAfter,
        issuedAt: clock.now(),
      };
      const chain = pem + intermediate;
      return {
        serialNumber,
        profile: order.profile,
        source: order.source,
        names,
        ...dates,
        pem,
        chain,
        issuerKeyId,
        issuerId: issuerKeyId,
        owner: order.owner,
      };
    },
    async record(_tx, certificate) {
      issued.set(certificate.serialNumber, certificate);
      signed.set(certificate.serialNumber, certificate);
    },
    isForClients: (name) => name === 'peer',
    find: async (serialNumber) => issued.get(serialNumber),
    async findIssued({ serialNumber, der }) {
      const known = signed.get(serialNumber);
      return known && Buffer.compare(readCertificate(known.pem).der, der) === 0
        ? (issued.get(serialNumber) ?? known)
        : undefined;
    },
    async revokeCertificate(pem, reason) {
      const { serialNumber } = readCertificate(pem);
      const known = issued.get(serialNumber) ?? signed.get(serialNumber);
      if (!known) throw new GatehouseError('not_found', 'There is no such certificate.');
      if (known.revokedAt !== undefined) throw new GatehouseError('conflict', 'Revoked already.');
      if (reason === 'keyCompromise') {
        compromised.add(Buffer.from(readCertificate(known.pem).spki).toString('hex'));
      }
      const revoked = { ...known, revokedAt: clock.now(), reason };
      issued.set(serialNumber, revoked);
      return revoked;
    },
  };
  return { certificates, root, issued, orders };
}

function checkPossession({ request }: SigningOrder): void {
  try {
    verifyRequest(request);
  } catch (error) {
    if (!(error instanceof X509Error)) throw error;
    throw new GatehouseError('certificate_refused', `No certificate: ${error.message}.`, { cause: error });
  }
}
