// Formats a policy file as Cedar's own formatter does. Comments stay.
import { GatehouseError } from '@gatehouse/access';
import type { Cedar } from './cedar.ts';
import type { PolicyFile, PolicyFinding } from './policy-file.ts';
import { readPolicy } from './read-policy.ts';
import { createSourceText } from './source-text.ts';
import { splitPolicies } from './split-policies.ts';

const LINE_WIDTH = 100;
const INDENT_WIDTH = 2;

/** Throws `policy_invalid` with the file, the line and the column. */
export function formatPolicyFile(cedar: Cedar, file: PolicyFile): string {
  const source = createSourceText(file);
  const passages = splitPolicies(source);
  const read = passages.map((passage, index) => readPolicy(cedar, passage, `${file.name}#${index + 1}`));
  const [finding] = read.flatMap(({ findings }) => findings ?? []);
  if (finding) throw invalid(finding);
  if (passages.length === 0) return source.text;
  const answer = cedar.formatPolicies({
    policyText: source.text.replaceAll('\r\n', '\n'),
    lineWidth: LINE_WIDTH,
    indentWidth: INDENT_WIDTH,
  });
  if (answer.type === 'success') return answer.formatted_policy;
  throw new GatehouseError('policy_invalid', `${file.name}: ${answer.errors[0]?.message}.`);
}

function invalid({ file, line, column, message, help }: PolicyFinding): GatehouseError {
  const words = help === undefined ? message : `${message} ${help}`;
  return new GatehouseError('policy_invalid', `${file}:${line}:${column}: ${words}`);
}
