// `gatehouse pki ca`: the certificate of a root authority, signed by its own key (RFC 5280 §4.2.1.9,
// §4.2.1.10).
import { randomBytes } from 'node:crypto';
import { type CertificateProfile, rootProfile, selfSignCertificate, spkiFingerprint } from '@gatehouse/x509';
import { usageError } from '../../../exit-status.ts';
import { readSigner } from '../../../input/private-key-file.ts';
import { checkOutputs, writeOutputs } from '../../../output/output-files.ts';
import { shortTime } from '../../../output/times.ts';
import type { CliContext } from '../../../process.ts';
import { issuedFacts, requireClean, validityOf } from '../issue.ts';
import { report } from '../report.ts';
import { asUsage, type SubjectFlags, subjectOf } from '../subject.ts';
import { type ConstraintFlags, constraintsOf } from './name-constraints.ts';

export interface PkiCaFlags extends SubjectFlags, ConstraintFlags {
  key: string;
  passphraseFile?: string;
  out: string;
  /** Seconds. */
  lifetime: number;
  pathLength?: number;
  force?: boolean;
  json?: boolean;
}

export async function pkiCa(this: CliContext, flags: PkiCaFlags): Promise<void> {
  const { out, key, passphraseFile, lifetime } = flags;
  const subject = subjectOf(flags);
  if (Object.keys(subject).length === 0) throw usageError('an authority needs a name: give --common-name');
  const profile = profileOf(flags);
  const rules = { force: flags.force, inputs: [key, passphraseFile] };
  await checkOutputs([out], rules);
  const signer = await readSigner({ path: key, passphraseFile }, this.process);
  const template = { profile, subject, ...validityOf(lifetime, new Date()) };
  const issued = asUsage('the certificate', () => selfSignCertificate(template, { signer, randomBytes }));
  requireClean(issued.der);
  await writeOutputs([{ path: out, content: issued.pem }], rules);
  const facts = { file: out, ...issuedFacts(issued), pin: spkiFingerprint({ spki: signer.publicKey }).pin };
  const sentence = `root certificate in ${out}, valid until ${shortTime(facts.notAfter)}; public key ${facts.pin}`;
  report(this.process, flags, { facts, sentence });
}

function profileOf(flags: PkiCaFlags): CertificateProfile {
  const profile = rootProfile();
  const { pathLength } = flags;
  const basicConstraints = { isCa: true, ...(pathLength === undefined ? {} : { pathLength }) };
  const nameConstraints = constraintsOf(flags);
  return { ...profile, basicConstraints, ...(nameConstraints === undefined ? {} : { nameConstraints }) };
}
