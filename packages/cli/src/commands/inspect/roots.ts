// The roots that an inspection trusts: those of `--ca`; otherwise the data folder's own root and those of
// Node, because it inspects our own servers and others.
import { getCACertificates } from 'node:tls';
import { type ParsedCertificate, readCertificate } from '@gatehouse/x509';
import { readRoots } from '../../connection/trust.ts';
import { readCertificates } from '../../input/pki-files.ts';

export interface InspectionRoots {
  /** For people. */
  source: string;
  /** PEM, for node:tls. */
  pem: string;
  certificates: ParsedCertificate[];
}

export async function inspectionRoots(
  flags: { cacert?: string | undefined; data?: string | undefined },
  environment: NodeJS.ProcessEnv,
): Promise<InspectionRoots> {
  const own = await readRoots(flags, environment);
  const parsed = own === undefined ? [] : await readCertificates(own.path);
  if (own !== undefined && flags.cacert !== undefined)
    return { source: own.path, pem: own.pem, certificates: parsed };
  const usual = getCACertificates('default');
  return {
    source: own === undefined ? NODE : `${own.path}, and ${NODE}`,
    pem: [...(own === undefined ? [] : [own.pem]), ...usual].join('\n'),
    certificates: [...parsed, ...usual.flatMap(readable)],
  };
}

const NODE = 'the roots of Node';

/** Our reader is strict, and cannot read some of the oldest roots. */
function readable(pem: string): ParsedCertificate[] {
  try {
    return [readCertificate(pem)];
  } catch {
    return [];
  }
}
