// `gatehouse ca request`: makes a key for an intermediate, and a request for a root elsewhere to sign. The
// key stays in the server.

import { withTransport } from '../../connection/transport.ts';
import type { ManagementFlags } from '../../flags.ts';
import { checkOutputs, writeOutputs } from '../../output/output-files.ts';
import { cell, printJson, remark } from '../../output/print.ts';
import type { CliContext, CliProcess } from '../../process.ts';

export interface CaRequestFlags extends ManagementFlags {
  out?: string;
  force?: boolean;
}

export async function caRequest(this: CliContext, flags: CaRequestFlags): Promise<void> {
  const { process } = this;
  const { out, force } = flags;
  if (out !== undefined) await checkOutputs([out], { force });
  const { request } = await withTransport(this, flags, (transport) =>
    transport.call<{ request: string }>('POST', '/admin/ca/request', {}),
  );
  if (out !== undefined) await writeOutputs([{ path: out, content: request }], { force });
  if (flags.json) return printJson(process, out === undefined ? { request } : { file: out });
  if (out === undefined) process.stdout.write(request);
  explain(process, out ?? 'intermediate-csr.pem');
}

/** The two next commands. The names of the root's files are examples. */
function explain(process: CliProcess, request: string): void {
  const sign = `gatehouse pki sign ${request} --profile intermediate --ca root.pem --ca-key root.key --out intermediate.pem`;
  const bringBack = 'gatehouse ca import --intermediate intermediate.pem --roots root.pem';
  remark(
    process,
    'On the machine of the root (to be able to revoke this intermediate later, add --crl-url with the URL of the root’s revocation list):',
  );
  remark(process, `  ${cell(sign)}`);
  remark(process, 'Then on this machine, with the certificate and the root:');
  remark(process, `  ${bringBack}`);
}
