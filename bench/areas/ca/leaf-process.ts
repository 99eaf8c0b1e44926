// The process of one round: `node leaf-process.ts SECONDS` signs leaf certificates, and prints as one line of
// JSON how many it makes per second of processor time, and how many raw signatures over the same number of
// octets. Both alternate in short slices, so that they run under the same conditions.
import { createPublicKey, randomBytes } from 'node:crypto';
import {
  createIssuer,
  encodeSpki,
  generatePrivateKey,
  lintCertificate,
  parseSubjectName,
  readCertificate,
  rootProfile,
  selfSignCertificate,
  serverProfile,
  signerFromKey,
} from '@gatehouse/x509';

export interface LeafRates {
  raw: number;
  issued: number;
  linted: number;
}

const SLICES = 20;
const BATCH = 50;
const KEYS = 64;
const DAY_MS = 86_400_000;
const WARM_UP_MS = 500;

const now = Date.now();
const validity = { notBefore: new Date(now), notAfter: new Date(now + DAY_MS) };
const signer = signerFromKey(generatePrivateKey('P-256'));
const authority = selfSignCertificate(
  { profile: rootProfile(), subject: { commonName: 'Benchmark CA' }, ...validity },
  { signer, randomBytes },
);
// Like the server's own: a leaf has the URLs of its list, its status and its issuer.
const profile = serverProfile({
  cRLDistributionPoints: ['http://localhost:9080/crl/0123456789abcdef0123456789abcdef01234567.crl'],
  authorityInfoAccess: {
    ocsp: ['http://localhost:9080/ocsp'],
    caIssuers: ['http://localhost:9080/ca/0123456789abcdef0123456789abcdef01234567.cer'],
  },
});
const templates = Array.from({ length: KEYS }, (_, index) => ({
  profile,
  subject: {},
  subjectAltNames: [parseSubjectName(`host-${index}.example.com`)],
  publicKey: encodeSpki(createPublicKey(generatePrivateKey('P-256'))),
  ...validity,
}));
const plain = createIssuer({ certificate: authority.der, signer, randomBytes });
const linting = createIssuer({ certificate: authority.der, signer, randomBytes, inspect: refuseFindings });
const tbs = Buffer.from(readCertificate(plain.issue(template(0)).der).tbs);

const works = {
  raw: () => void signer.sign(tbs),
  issued: (index: number) => void plain.issue(template(index)),
  linted: (index: number) => void linting.issue(template(index)),
};

for (const work of Object.values(works)) workFor(WARM_UP_MS, work);
console.log(JSON.stringify(measure(Number(process.argv[2]))));

function measure(seconds: number): LeafRates {
  const sliceMs = (seconds * 1000) / SLICES;
  const totals = { raw: { count: 0, cpu: 0 }, issued: { count: 0, cpu: 0 }, linted: { count: 0, cpu: 0 } };
  for (let slice = 0; slice < SLICES; slice += 1) {
    for (const name of ['raw', 'issued', 'linted'] as const) {
      const { count, cpuSeconds } = workFor(sliceMs, works[name]);
      totals[name].count += count;
      totals[name].cpu += cpuSeconds;
    }
  }
  const rate = ({ count, cpu }: { count: number; cpu: number }) => count / cpu;
  return { raw: rate(totals.raw), issued: rate(totals.issued), linted: rate(totals.linted) };
}

function workFor(milliseconds: number, work: (index: number) => void) {
  const before = process.cpuUsage();
  const end = performance.now() + milliseconds;
  let count = 0;
  while (performance.now() < end) {
    for (let index = 0; index < BATCH; index += 1) work(index);
    count += BATCH;
  }
  const { user, system } = process.cpuUsage(before);
  return { count, cpuSeconds: (user + system) / 1e6 };
}

function template(index: number) {
  const found = templates[index % KEYS];
  if (!found) throw new TypeError('there is no such template');
  return found;
}

function refuseFindings(octets: Uint8Array): void {
  const [finding] = lintCertificate(octets);
  if (finding) throw new Error(`${finding.rule}: ${finding.detail}`);
}
