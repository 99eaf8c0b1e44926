// `gatehouse cert sign FILE`: a certificate for a request made elsewhere. Writes the certificate and its
// chain to a new file with --out, otherwise to standard output, with nothing else.
import { encodePem } from '@gatehouse/x509';
import type { IssuedCertificate } from '../../connection/admin-api.ts';
import { withTransport } from '../../connection/transport.ts';
import type { ManagementFlags } from '../../flags.ts';
import { readRequestFile } from '../../input/pki-files.ts';
import { deliverToOutput } from '../../output/deliver.ts';
import { checkOutputs, writeOutputs } from '../../output/output-files.ts';
import { cell, jsonText, printJson, printWarnings, remark } from '../../output/print.ts';
import type { CliContext } from '../../process.ts';
import { describe, factsOf } from './issued.ts';
import { revocationOf, takingBack } from './take-back.ts';

export interface CertSignFlags extends ManagementFlags {
  out?: string;
  profile?: string;
  name?: readonly string[];
  role?: readonly string[];
  /** Seconds. */
  lifetime?: number;
  force?: boolean;
}

export async function certSign(this: CliContext, flags: CertSignFlags, path: string): Promise<void> {
  const { process } = this;
  const { out, force } = flags;
  const { der } = await readRequestFile(path);
  const rules = { force, inputs: [path] };
  if (out !== undefined) await checkOutputs([out], rules);
  const body = {
    request: encodePem('CERTIFICATE REQUEST', der),
    names: flags.name,
    profile: flags.profile,
    roles: flags.role,
    lifetimeSeconds: flags.lifetime,
  };
  const make = () =>
    withTransport(this, flags, (transport) =>
      transport.call<IssuedCertificate>('POST', '/admin/certificates', body),
    );
  if (out === undefined) return print(this, flags, make);
  const issued = await make();
  await writeOutputs([{ path: out, content: issued.chain }], rules).catch(takingBack(this, flags, issued));
  printWarnings(process, issued);
  const facts = factsOf(issued);
  if (flags.json) return printJson(process, { ...facts, files: [out] });
  remark(process, `issued ${describe(facts)}, in ${cell(out)}`);
}

async function print(context: CliContext, flags: CertSignFlags, make: () => Promise<IssuedCertificate>) {
  const issued = await deliverToOutput(context, {
    make,
    textOf: (made) => (flags.json ? jsonText(made) : made.chain.trimEnd()),
    revocationOf: (made) => revocationOf(context, flags, made),
  });
  printWarnings(context.process, issued);
  if (!flags.json) remark(context.process, `issued ${describe(factsOf(issued))}`);
}
