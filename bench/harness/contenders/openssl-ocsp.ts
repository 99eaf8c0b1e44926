// `openssl ocsp -port` as a contender: one process that answers one connection at a time from an index in a
// text file, and closes each. It listens on every address, because its only option is a port.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  encodePrivateKey,
  generatePrivateKey,
  ocspResponderProfile,
  parseSubjectName,
  readCertificate,
  serverProfile,
  signerFromKey,
} from '@gatehouse/x509';
import type { Contender, OwnSite } from '../contender.ts';
import type { Origin } from '../http-connection.ts';
import { programVersion, requireProgram } from '../installed-program.ts';
import type { RunningProgram } from '../running-program.ts';
import { startProgram } from '../running-program.ts';
import type { CaFiles } from '../tls-files.ts';
import { createCaFiles } from '../tls-files.ts';

/** A certificate whose status the responder knows. */
export interface KnownCertificate {
  /** PEM. */
  certificate: string;
  issuer: string;
  isRevoked: boolean;
}

export interface StartedResponder {
  program: RunningProgram;
  origin: Origin;
  /** The path of requests. */
  target: string;
  certificates: readonly KnownCertificate[];
}

/** The number of certificates that the responders know, and which of them are revoked. */
export const CERTIFICATES = 256;
export const REVOKED_ONE_IN = 8;

export const opensslOcsp: Contender<OwnSite, StartedResponder> = {
  name: 'openssl ocsp',
  install: 'apt-get install openssl',
  version: () => programVersion('openssl', ['version']),
  async start({ folder, port, stack }) {
    const ca = createCaFiles(folder);
    const certificates = Array.from({ length: CERTIFICATES }, (_, index) => issue(ca, index));
    const file = (name: string, text: string) => {
      const path = join(folder, name);
      writeFileSync(path, text, { mode: 0o600 });
      return path;
    };
    const responder = issueResponder(ca);
    const args = [
      ...['ocsp', '-port', String(port), '-CA', ca.certificateFile, '-nmin', '60', '-ignore_err'],
      ...['-index', file('index.txt', certificates.map(indexLine).join(''))],
      ...['-rsigner', file('ocsp.pem', responder.certificate), '-rkey', file('ocsp-key.pem', responder.key)],
    ];
    const program = startProgram({ command: requireProgram('openssl'), args }, stack);
    return { program, origin: { host: 'localhost', port }, target: '/', certificates };
  },
};

const DAY_MS = 86_400_000;

function validity() {
  return { notBefore: new Date(Date.now() - 60_000), notAfter: new Date(Date.now() + DAY_MS) };
}

function issue({ issuer, certificate }: CaFiles, index: number): KnownCertificate {
  const { pem } = issuer.issue({
    profile: serverProfile(),
    subject: {},
    subjectAltNames: [parseSubjectName(`host-${index}.example.com`)],
    publicKey: signerFromKey(generatePrivateKey('P-256')).publicKey,
    ...validity(),
  });
  return { certificate: pem, issuer: certificate, isRevoked: index % REVOKED_ONE_IN === 0 };
}

function issueResponder({ issuer }: CaFiles) {
  const key = generatePrivateKey('P-256');
  const { pem } = issuer.issue({
    profile: ocspResponderProfile(),
    subject: { commonName: 'Benchmark OCSP' },
    publicKey: signerFromKey(key).publicKey,
    ...validity(),
  });
  return { certificate: pem, key: encodePrivateKey(key) };
}

/** Status, end, revocation, serial number, file, subject: openssl-ca(1), "WARNINGS". */
function indexLine({ certificate, isRevoked }: KnownCertificate): string {
  const { serialNumber, notBefore, notAfter } = readCertificate(certificate);
  const revoked = isRevoked ? `${indexTime(notBefore)},superseded` : '';
  const fields = [
    isRevoked ? 'R' : 'V',
    indexTime(notAfter),
    revoked,
    serialNumber.toUpperCase(),
    'unknown',
    `/CN=${serialNumber}`,
  ];
  return `${fields.join('\t')}\n`;
}

/** YYMMDDHHMMSSZ. */
function indexTime(date: Date): string {
  return `${date.toISOString().replace(/[-:T]/g, '').slice(2, 14)}Z`;
}
