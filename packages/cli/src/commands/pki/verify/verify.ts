// `gatehouse pki verify`: checks whether a certificate is trusted (RFC 5280 §6), and prints its chain. Exits
// with 1 if it is not trusted.
import { type ParsedCertificate, verifyCertificate, X509Error } from '@gatehouse/x509';
import { CliError, exitStatus } from '../../../exit-status.ts';
import { readCertificates, readRevocationListFile } from '../../../input/pki-files.ts';
import { print, printJson, visible } from '../../../output/print.ts';
import { shortTime } from '../../../output/times.ts';
import type { CliContext } from '../../../process.ts';
import { certificateFacts, holderOf } from '../certificate-facts.ts';

export interface PkiVerifyFlags {
  roots: string;
  intermediates?: readonly string[];
  purpose?: 'server' | 'client';
  name?: string;
  crl?: readonly string[];
  at?: Date;
  json?: boolean;
}

export async function pkiVerify(this: CliContext, flags: PkiVerifyFlags, path: string): Promise<void> {
  const { process } = this;
  const question = await readQuestion(flags, path);
  try {
    const { chain } = verifyCertificate(question);
    if (flags.json) return printJson(process, { ok: true, chain: chain.map(certificateFacts) });
    print(process, visible(`${path} is trusted${howFar(flags)}:`));
    for (const [depth, certificate] of chain.entries()) print(process, visible(describe(depth, certificate)));
  } catch (error) {
    if (!(error instanceof X509Error)) throw error;
    if (!flags.json) throw new CliError(exitStatus.failed, `${path} is not trusted: ${error.message}`);
    process.exitCode = exitStatus.failed;
    printJson(process, { ok: false, code: error.code, reason: error.message });
  }
}

const PURPOSES = { server: 'serverAuth', client: 'clientAuth' } as const;

async function readQuestion(flags: PkiVerifyFlags, path: string) {
  const [certificate, ...sent] = await readCertificates(path);
  const roots = await readCertificates(flags.roots);
  requireAuthorities(flags.roots, roots);
  const others = await Promise.all((flags.intermediates ?? []).map(readCertificates));
  const revocationLists = await Promise.all((flags.crl ?? []).map(readRevocationListFile));
  return {
    certificate,
    intermediates: [...sent, ...others.flat()],
    roots,
    at: flags.at ?? new Date(),
    ...(flags.purpose === undefined ? {} : { purpose: PURPOSES[flags.purpose] }),
    ...(flags.name === undefined ? {} : { name: flags.name }),
    ...(revocationLists.length === 0 ? {} : { revocationLists }),
  };
}

/** Refuses other certificates as roots: such a certificate would make itself trusted. */
function requireAuthorities(path: string, roots: readonly ParsedCertificate[]): void {
  const other = roots.find(({ isCa }) => !isCa);
  if (other === undefined) return;
  const what = `${path} holds the certificate of ${holderOf(other)}, which is not an authority`;
  throw new CliError(exitStatus.failed, `${what}: --roots takes certificates of authorities`);
}

function howFar({ purpose, name }: PkiVerifyFlags): string {
  return `${purpose ? ` for a ${purpose}` : ''}${name ? ` under the name ${name}` : ''}`;
}

function describe(depth: number, certificate: ParsedCertificate): string {
  return `  ${depth}  ${holderOf(certificate)}, until ${shortTime(certificate.notAfter.toISOString())}`;
}
