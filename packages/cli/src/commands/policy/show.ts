// `gatehouse policy show`: prints the policies in their files' text, or the meaning of routes and roles in
// Cedar.
import type { Policies, PolicyVersion } from '../../connection/admin-api.ts';
import type { Transport } from '../../connection/transport.ts';
import { withTransport } from '../../connection/transport.ts';
import { usageError } from '../../exit-status.ts';
import type { ManagementFlags } from '../../flags.ts';
import { printJson } from '../../output/print.ts';
import type { CliContext, CliProcess } from '../../process.ts';

export interface PolicyShowFlags extends ManagementFlags {
  version?: number;
  generated?: boolean;
  builtIn?: boolean;
  schema?: boolean;
}

export async function policyShow(this: CliContext, flags: PolicyShowFlags): Promise<void> {
  const wanted = [flags.version, flags.generated, flags.builtIn, flags.schema];
  if (wanted.filter((each) => each !== undefined).length > 1)
    throw usageError('give one of --version, --generated, --built-in and --schema');
  await withTransport(this, flags, async (transport) => {
    const answer = await answerFor(transport, flags);
    if (flags.json) return printJson(this.process, answer);
    for (const part of partsOf(answer, flags)) printText(this.process, part);
  });
}

type Answer = Policies | PolicyVersion | { schema: string };

function answerFor(transport: Transport, { version, schema }: PolicyShowFlags): Promise<Answer> {
  if (schema) return transport.call<{ schema: string }>('GET', '/admin/policies/schema');
  if (version !== undefined)
    return transport.call<PolicyVersion>('GET', `/admin/policies/versions/${version}`);
  return transport.call<Policies>('GET', '/admin/policies');
}

function partsOf(answer: Answer, { generated, builtIn }: PolicyShowFlags): string[] {
  if ('schema' in answer) return [answer.schema];
  if (generated || builtIn) {
    const { generated: ofRoutes, builtIn: ofAdmin } = answer as Policies;
    return (generated ? ofRoutes : ofAdmin).map(({ text }) => text);
  }
  const { files } = answer;
  return files.map(({ name, text }) => (files.length > 1 ? `// ${name}\n${text}` : text));
}

/** Prints the text of a file unchanged, so that it can be saved and applied again. */
function printText({ stdout }: CliProcess, text: string): void {
  stdout.write(text.endsWith('\n') ? text : `${text}\n`);
}
