// `gatehouse pki crl`: the signed list of the certificates that an authority in files has revoked (RFC 5280
// §5). It contains the entries of the previous list. Each list has a greater number than earlier ones
// (§5.2.3).
import {
  encodeRevokedEntry,
  type ParsedCertificate,
  type ParsedRevocationList,
  type Revocation,
  type RevocationReason,
  signRevocationList,
  verifySignature,
} from '@gatehouse/x509';
import { CliError, exitStatus, usageError } from '../../../exit-status.ts';
import { cannotUse, readCertificates, readRevocationListFile } from '../../../input/pki-files.ts';
import { checkOutputs, writeOutputs } from '../../../output/output-files.ts';
import { shortTime } from '../../../output/times.ts';
import type { CliContext } from '../../../process.ts';
import { type AuthorityFlags, type DeskAuthority, readAuthority } from '../authority.ts';
import { report } from '../report.ts';

export interface PkiCrlFlags extends AuthorityFlags {
  out: string;
  previous?: string;
  revoke?: readonly string[];
  reason?: RevocationReason;
  /** Seconds. */
  lifetime: number;
  force?: boolean;
  json?: boolean;
}

export async function pkiCrl(this: CliContext, flags: PkiCrlFlags): Promise<void> {
  const { out, ca, caKey, passphraseFile, previous, revoke = [], reason } = flags;
  const now = wholeSecond(new Date());
  const rules = { force: flags.force, inputs: [ca, caKey, passphraseFile, ...revoke] };
  await checkOutputs([out], rules);
  const authority = await readAuthority(flags, this.process, now);
  const list = previous === undefined ? undefined : await readPrevious(previous, authority);
  const revoked = new Map(list?.revoked);
  for (const each of revoke) {
    const serialNumber = await serialNumberOf(each, authority);
    if (!revoked.has(serialNumber))
      revoked.set(serialNumber, { revokedAt: now, reason: reason ?? 'unspecified' });
  }
  const number = nextNumber(list, now);
  const nextUpdate = new Date(now.getTime() + flags.lifetime * 1000);
  const content = sign(ca, { authority, number, thisUpdate: now, nextUpdate, revoked });
  await writeOutputs([{ path: out, content }], rules);
  const count = revoked.size === 1 ? '1 revoked certificate' : `${revoked.size} revoked certificates`;
  const facts = { file: out, number: String(number), nextUpdate, revoked: [...revoked.keys()] };
  const sentence = `list number ${number} with ${count} in ${out}; make the next before ${shortTime(nextUpdate.toISOString())}`;
  report(this.process, flags, { facts, sentence });
}

interface List {
  authority: DeskAuthority;
  number: bigint;
  thisUpdate: Date;
  nextUpdate: Date;
  revoked: ParsedRevocationList['revoked'];
}

function sign(ca: string, { authority: { certificate, signer }, revoked, ...list }: List): string {
  try {
    const entries = [...revoked].map(([serialNumber, entry]): Revocation => ({ serialNumber, ...entry }));
    return signRevocationList({
      ...list,
      issuer: certificate,
      signer,
      entries: entries.map(encodeRevokedEntry),
    }).pem;
  } catch (error) {
    throw cannotUse(ca, error);
  }
}

/** Refuses the list of another authority, whose serial numbers mean other certificates. */
async function readPrevious(path: string, { certificate }: DeskAuthority): Promise<ParsedRevocationList> {
  const list = await readRevocationListFile(path);
  if (isIssuedBy(list, certificate)) return list;
  throw new CliError(exitStatus.failed, `${path} is not a list of ${certificate.subject.text}`);
}

/** The seconds since 1970: also greater than the number of a lost list. */
function nextNumber(list: ParsedRevocationList | undefined, now: Date): bigint {
  const seconds = BigInt(now.getTime() / 1000);
  const following = (list?.number ?? 0n) + 1n;
  return following > seconds ? following : seconds;
}

/** A serial number, with or without colons, or a file with a certificate. */
async function serialNumberOf(text: string, { certificate: issuer }: DeskAuthority): Promise<string> {
  const digits = text.replaceAll(':', '').toLowerCase();
  if (/^[0-9a-f]{1,40}$/.test(digits)) return wholeOctets(BigInt(`0x${digits}`).toString(16));
  if (!/[./\\]/.test(text))
    throw usageError(`--revoke: ${text} is neither a serial number nor the name of a file`);
  const [certificate] = await readCertificates(text);
  if (isIssuedBy(certificate, issuer)) return certificate.serialNumber;
  throw new CliError(
    exitStatus.failed,
    `${text} was not issued by ${issuer.subject.text}: only its own authority can revoke it`,
  );
}

function wholeOctets(hex: string): string {
  return hex.length % 2 === 0 ? hex : `0${hex}`;
}

function isIssuedBy(
  signed: Pick<
    ParsedCertificate | ParsedRevocationList,
    'issuer' | 'tbs' | 'signatureAlgorithm' | 'signature'
  >,
  issuer: ParsedCertificate,
): boolean {
  return Buffer.from(signed.issuer.der).equals(issuer.subject.der) && verifySignature(signed, issuer.spki);
}

function wholeSecond(time: Date): Date {
  return new Date(Math.floor(time.getTime() / 1000) * 1000);
}
