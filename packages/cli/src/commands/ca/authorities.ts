// How commands print the authorities of the running server.
import type { CertificateAuthorities, CertificateAuthority } from '../../connection/admin-api.ts';
import { type Transport, withTransport } from '../../connection/transport.ts';
import type { ManagementFlags } from '../../flags.ts';
import { printFacts } from '../../output/facts.ts';
import { print, printJson } from '../../output/print.ts';
import { type Column, printTable } from '../../output/table.ts';
import type { CliContext } from '../../process.ts';

/** Makes one call of the admin API that answers with the authorities, and prints them. */
export async function showAuthorities(
  context: CliContext,
  flags: ManagementFlags,
  ask: (transport: Transport) => Promise<CertificateAuthorities>,
): Promise<void> {
  const answer = await withTransport(context, flags, ask);
  if (flags.json) printJson(context.process, answer);
  else show(context, answer);
}

const columns: Column<CertificateAuthority>[] = [
  { title: 'ROLE', of: ({ role }) => role },
  { title: 'STATE', of: ({ state }) => state, form: 'state' },
  { title: 'SUBJECT', of: ({ subject }) => subject, form: 'text' },
  { title: 'KEY', of: keyOf, form: 'text', least: 24 },
  { title: 'EXPIRES', of: ({ notAfter }) => notAfter, form: 'time' },
  { title: 'PIN', of: ({ pin }) => pin, leaveOut: 1 },
];

function show(context: CliContext, { authorities, urls }: CertificateAuthorities): void {
  printTable(context, columns, authorities);
  print(context.process, '');
  printFacts(
    context,
    ADDRESSES.map(([name, label]) => [label, urls[name]]),
  );
}

/** An import replaces the root and destroys its key. The key of the new root is elsewhere. */
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
