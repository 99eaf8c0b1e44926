// How commands print the authorities of the running server.
import type { CertificateAuthorities, CertificateAuthority } from '../../connection/admin-api.ts';
import { type Transport, withTransport } from '../../connection/transport.ts';
import type { ManagementFlags } from '../../flags.ts';
import { cell, print, printJson, table } from '../../output/print.ts';
import { shortTime } from '../../output/times.ts';
import type { CliContext, CliProcess } from '../../process.ts';

/** Makes one call of the admin API that answers with the authorities, and prints them. */
export async function showAuthorities(
  context: CliContext,
  flags: ManagementFlags,
  ask: (transport: Transport) => Promise<CertificateAuthorities>,
): Promise<void> {
  const answer = await withTransport(context, flags, ask);
  if (flags.json) printJson(context.process, answer);
  else show(context.process, answer);
}

const columns = ['ROLE', 'STATE', 'SUBJECT', 'KEY', 'EXPIRES', 'PIN'];

function show(process: CliProcess, { authorities, urls }: CertificateAuthorities): void {
  print(process, table(columns, authorities.map(rowOf)));
  const width = Math.max(...ADDRESSES.map(([, label]) => label.length));
  for (const [name, label] of ADDRESSES) print(process, `${label.padEnd(width)}  ${cell(urls[name])}`);
}

function rowOf(authority: CertificateAuthority): unknown[] {
  const { role, state, subject, notAfter, pin } = authority;
  return [role, state, subject, keyOf(authority), shortTime(notAfter), pin];
}

/** An import replaces the root and destroys its key. The key of the new root was never on this server. */
function keyOf({ keyType, keyOnline, state }: CertificateAuthority): string {
  if (keyOnline) return keyType;
  return `${keyType}, ${state === 'retired' || state === 'revoked' ? 'key destroyed' : 'offline'}`;
}

const ADDRESSES = [
  ['roots', 'roots'],
  ['crl', 'revocation list'],
  ['ocsp', 'OCSP'],
  ['acmeDirectory', 'ACME directory'],
] as const;
