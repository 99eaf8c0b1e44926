// `gatehouse pki bundle`: puts the roots of many files into one, each once. Refuses certificates that do not
// belong to an authority, because programs would trust them like one.
import { encodePem, type ParsedCertificate } from '@gatehouse/x509';
import { CliError, exitStatus, usageError } from '../../../exit-status.ts';
import { readCertificates } from '../../../input/pki-files.ts';
import { checkOutputs, writeOutputs } from '../../../output/output-files.ts';
import { printJson } from '../../../output/print.ts';
import { type Column, printTable } from '../../../output/table.ts';
import type { CliContext } from '../../../process.ts';
import { type CertificateFacts, certificateFacts, holderOf } from '../certificate-facts.ts';
import { report } from '../report.ts';

export interface PkiBundleFlags {
  out?: string;
  list?: boolean;
  any?: boolean;
  force?: boolean;
  json?: boolean;
}

export async function pkiBundle(this: CliContext, flags: PkiBundleFlags, ...paths: string[]): Promise<void> {
  if ((flags.out === undefined) === (flags.list !== true)) {
    throw usageError('give --out to write the bundle, or --list to see what the files hold');
  }
  if (flags.list) return list(this, flags, await readAll(paths));
  const out = flags.out ?? '';
  const rules = { force: flags.force, inputs: paths };
  await checkOutputs([out], rules);
  const found = await readAll(paths);
  if (!flags.any) requireAuthorities(found);
  const different = distinct(found);
  const content = different.map(({ certificate: { der } }) => encodePem('CERTIFICATE', der)).join('');
  await writeOutputs([{ path: out, content }], rules);
  const twice = found.length - different.length;
  const count = different.length === 1 ? '1 certificate' : `${different.length} certificates`;
  const sentence = `${count} in ${out}${twice === 0 ? '' : `; ${twice} left out as repeated`}`;
  const facts = { file: out, certificates: different.length, duplicates: twice };
  report(this.process, flags, { facts, sentence });
}

interface Found {
  path: string;
  certificate: ParsedCertificate;
}

async function readAll(paths: readonly string[]): Promise<Found[]> {
  const files = await Promise.all(
    paths.map(async (path) => (await readCertificates(path)).map((certificate) => ({ path, certificate }))),
  );
  return files.flat();
}

function requireAuthorities(found: readonly Found[]): void {
  const other = found.find(({ certificate }) => !certificate.isCa);
  if (other === undefined) return;
  const what = `${other.path} holds the certificate of ${holderOf(other.certificate)}, which is not an authority`;
  throw new CliError(exitStatus.failed, `${what}: leave it out, or give --any`);
}

function distinct(found: readonly Found[]): Found[] {
  const known = new Map(
    found.toReversed().map((each) => [Buffer.from(each.certificate.der).toString('hex'), each]),
  );
  const firsts = new Set(known.values());
  return found.filter((each) => firsts.has(each));
}

type Fact = CertificateFacts & { file: string };

const columns: Column<Fact>[] = [
  { title: 'SUBJECT', of: ({ subject }) => subject, form: 'text' },
  { title: 'AUTHORITY', of: ({ isCa }) => (isCa ? 'yes' : 'no'), leaveOut: 2 },
  { title: 'EXPIRES', of: ({ notAfter }) => notAfter, form: 'time' },
  { title: 'STATUS', of: validityOf, form: 'state' },
  { title: 'KEY', of: ({ key }) => key.type },
  { title: 'SHA-256', of: ({ sha256 }) => sha256.slice(0, 16), leaveOut: 1 },
  { title: 'FILE', of: ({ file }) => file, form: 'text' },
];

function list(context: CliContext, { json }: PkiBundleFlags, found: readonly Found[]): void {
  const facts = distinct(found).map(({ path, certificate }) => ({
    file: path,
    ...certificateFacts(certificate),
  }));
  if (json) printJson(context.process, facts);
  else printTable(context, columns, facts);
}

function validityOf({ notAfter }: Fact): string {
  return Date.parse(notAfter) < Date.now() ? 'expired' : 'valid';
}
