// `gatehouse ca request`: a key for an intermediate, which stays in the server, and the request to have signed by a root that is
// kept elsewhere.
import type { ManagementFlags } from '../../flags.ts';
import { cell, printJson, remark } from '../../output.ts';
import { checkOutputs, writeOutputs } from '../../output-files.ts';
import type { CliContext } from '../../process.ts';
import { withTransport } from '../../transport.ts';

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
  const where = out === undefined ? 'the request' : cell(out);
  remark(
    process,
    `Sign ${where} where the root is: gatehouse pki sign --profile intermediate; then 'ca import'.`,
  );
}
