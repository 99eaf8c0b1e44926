// `gatehouse policy explain PRINCIPAL ACTION RESOURCE`: explains which policies decide about a request, and
// what would have to change for it to be allowed.
import type { PolicyExplanation } from '../../connection/admin-api.ts';
import { withTransport } from '../../connection/transport.ts';
import type { ManagementFlags } from '../../flags.ts';
import { wrap } from '../../output/lines.ts';
import { print, printJson, visible } from '../../output/print.ts';
import type { CliContext } from '../../process.ts';
import { explanationText } from './explanation-text.ts';
import { readJson } from './json-input.ts';
import { optionalFiles } from './policy-files.ts';

export interface PolicyExplainFlags extends ManagementFlags {
  context?: string;
  policies?: readonly string[];
}

/** The request to explain. */
type Question = [principal: string, action: string, resource: string];

export async function policyExplain(
  this: CliContext,
  flags: PolicyExplainFlags,
  ...[principal, action, resource]: Question
): Promise<void> {
  const context = flags.context === undefined ? undefined : await readJson(flags.context);
  const body = { principal, action, resource, context, ...(await optionalFiles(flags.policies)) };
  const explanation = await withTransport(this, flags, (transport) =>
    transport.call<PolicyExplanation>('POST', '/admin/policies/explain', body),
  );
  if (flags.json) return printJson(this.process, explanation);
  const [decision = '', ...more] = explanationText(explanation);
  const width = this.screen.columns ?? Number.POSITIVE_INFINITY;
  const [first = '', ...lines] = wrap(visible(decision), width);
  print(this.process, this.screen.paint(explanation.allowed ? 'green' : 'red', first));
  for (const line of lines) print(this.process, line);
  for (const text of more) for (const line of wrap(visible(text), width)) print(this.process, line);
}
