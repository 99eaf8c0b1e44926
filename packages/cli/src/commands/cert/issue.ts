// `gatehouse cert issue NAME…`: makes a key, which never leaves this machine, and gets a certificate for it.
// Writes both files or neither. Refuses to overwrite files, before it sends anything to the server.
import { join, resolve } from 'node:path';
import {
  createRequest,
  generatePrivateKey,
  type PrivateKeyType,
  parseSubjectName,
  signerFromKey,
} from '@gatehouse/x509';
import type { CertificateFacts, IssuedCertificate } from '../../connection/admin-api.ts';
import { withTransport } from '../../connection/transport.ts';
import type { ManagementFlags } from '../../flags.ts';
import { newPassphrase } from '../../input/passphrase.ts';
import { privateKeyFile } from '../../input/private-key-file.ts';
import { checkOutputs, writeOutputs } from '../../output/output-files.ts';
import { cell, print, printJson, printWarnings, remark } from '../../output/print.ts';
import type { CliContext, CliProcess } from '../../process.ts';
import { asUsage } from '../pki/subject.ts';
import { fileNameOf } from './file-name.ts';
import { describe, factsOf, requireCertificateFor } from './issued.ts';
import { takingBack } from './take-back.ts';

export interface CertIssueFlags extends ManagementFlags {
  profile?: string;
  out?: string;
  keyType?: PrivateKeyType;
  role?: readonly string[];
  /** Seconds. */
  lifetime?: number;
  passphraseFile?: string;
  force?: boolean;
}

export async function certIssue(this: CliContext, flags: CertIssueFlags, ...names: string[]): Promise<void> {
  const { process } = this;
  const paths = pathsFor(flags, names);
  const passphrase = await newPassphrase({ file: flags.passphraseFile }, process);
  const rules = { force: flags.force, inputs: [flags.passphraseFile] };
  await checkOutputs([paths.certificate, paths.key], rules);
  const key = generatePrivateKey(flags.keyType ?? 'P-256');
  const body = {
    request: asUsage('NAME', () => requestFor(names, flags.profile, key)),
    names,
    profile: flags.profile ?? 'server',
    roles: flags.role,
    lifetimeSeconds: flags.lifetime,
  };
  const issued = await withTransport(this, flags, (transport) =>
    transport.call<IssuedCertificate>('POST', '/admin/certificates', body),
  );
  requireCertificateFor(key, issued);
  const files = [
    { path: paths.certificate, content: issued.chain },
    privateKeyFile(paths.key, key, passphrase),
  ];
  await writeOutputs(files, rules).catch(takingBack(this, flags, issued));
  printWarnings(process, issued);
  report(process, flags, factsOf(issued), paths);
}

interface Paths {
  certificate: string;
  key: string;
}

function pathsFor({ out = '.' }: CertIssueFlags, [first = '']: readonly string[]): Paths {
  const path = join(out, fileNameOf(first));
  return { certificate: `${path}.pem`, key: `${path}.key` };
}

/** A client certificate has the name of a user or service, and no host. The server writes that name. */
function requestFor(names: readonly string[], profile: string | undefined, key: Key): string {
  const signer = signerFromKey(key);
  if (profile === 'client') return createRequest({ subject: { commonName: names[0] ?? '' } }, signer).pem;
  return createRequest({ subject: {}, subjectAltNames: names.map(parseSubjectName) }, signer).pem;
}

type Key = ReturnType<typeof generatePrivateKey>;

function report(process: CliProcess, flags: CertIssueFlags, facts: CertificateFacts, paths: Paths): void {
  if (flags.json) printJson(process, { ...facts, files: [paths.certificate, paths.key] });
  else explain(process, flags, { facts, paths });
}

function explain(
  process: CliProcess,
  { keyType = 'P-256' }: CertIssueFlags,
  { facts, paths }: { facts: CertificateFacts; paths: Paths },
): void {
  const { certificate, key } = paths;
  print(process, `issued ${describe(facts)}`);
  remark(
    process,
    `The certificate and its chain are in ${cell(certificate)}, the key is in ${cell(key)}, which only you can read.`,
  );
  if (facts.profile === 'client') {
    const curl = `--cert ${certificate} --key ${key}`;
    remark(process, cell(`Use it with curl: ${curl}, or: gatehouse request URL --cert ${certificate}`));
  } else if (keyType.startsWith('ML-DSA')) {
    remark(
      process,
      'Servers and clients need OpenSSL 3.5 or newer for such a key; browsers do not support it yet.',
    );
  } else {
    const [absolute, absoluteKey] = [resolve(certificate), resolve(key)];
    remark(
      process,
      cell(`Use it with nginx: ssl_certificate ${absolute}; ssl_certificate_key ${absoluteKey};`),
    );
  }
  remark(process, cell(`Renew it automatically with: gatehouse cert renew ${certificate} --watch`));
}
