// `gatehouse pki csr`: a certificate request (RFC 2986) for a key.
import { createRequest, formatGeneralName, type GeneralName, readRequest } from '@gatehouse/x509';
import { usageError } from '../../../exit-status.ts';
import { readSigner } from '../../../input/private-key-file.ts';
import { checkOutputs, writeOutputs } from '../../../output/output-files.ts';
import { remark, visible } from '../../../output/print.ts';
import type { CliContext } from '../../../process.ts';
import { report } from '../report.ts';
import { asUsage, namesOf, type SubjectFlags, subjectOf } from '../subject.ts';

export interface PkiCsrFlags extends SubjectFlags {
  key: string;
  passphraseFile?: string;
  out: string;
  name?: readonly string[];
  force?: boolean;
  json?: boolean;
}

export async function pkiCsr(this: CliContext, flags: PkiCsrFlags): Promise<void> {
  const { process } = this;
  const { out, key: path, passphraseFile } = flags;
  const subject = subjectOf(flags);
  const names = namesOf(flags.name);
  if (names.length === 0 && Object.keys(subject).length === 0) {
    throw usageError('a request needs a name: give --name or --common-name');
  }
  const rules = { force: flags.force, inputs: [path, passphraseFile] };
  await checkOutputs([out], rules);
  const signer = await readSigner({ path, passphraseFile }, process);
  const { der, pem } = asUsage('the subject', () =>
    createRequest({ subject, subjectAltNames: names }, signer),
  );
  await writeOutputs([{ path: out, content: pem }], rules);
  const texts = names.map(formatGeneralName);
  if (!flags.json) remarkOnCommonName(this, flags.commonName, names);
  const sentence = `request for ${texts.join(', ') || readRequest(der).subject.text} in ${out}`;
  report(process, flags, { facts: { file: out, names: texts }, sentence });
}

/** A user who writes a host name there expects that clients check it, but they do not. */
function remarkOnCommonName({ process }: CliContext, commonName = '', names: readonly GeneralName[]): void {
  const isHostName = /^[a-z0-9-]+(\.[a-z0-9-]+)+$/i.test(commonName);
  if (!isHostName || names.some(({ value }) => value === commonName.toLowerCase())) return;
  const advice = `clients do not use it as a host name (RFC 9525 §2): add --name ${commonName}`;
  remark(process, visible(`gatehouse: note: ${commonName} is only the common name; ${advice}`));
}
