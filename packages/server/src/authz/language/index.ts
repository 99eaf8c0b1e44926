// The language of policies as people write it: Cedar's text, read, validated and formatted by Cedar's own
// library. Each task loads the library in a new thread, which ends with the task.
import { inCedarThread } from './cedar-thread.ts';
import type { PolicyFile } from './policy-file.ts';
import { writePolicy } from './policy-text.ts';
import type { ReadPolicies, SectionPolicy } from './read-policies.ts';
import type { SchemaFacts } from './schema-facts.ts';

export type { PolicyFile, PolicyFinding } from './policy-file.ts';
export { isError } from './policy-file.ts';
export { attributesReadBy, entitiesIn } from './policy-walk.ts';
export type { ReadPolicies, SectionPolicy } from './read-policies.ts';
export { schemaText } from './schema.ts';
export type { AttributeType, RouteSchemaFacts, SchemaFacts } from './schema-facts.ts';

/**
 * Reads and validates policy files. A file that ends in `.links.json` has links of templates. Throws
 * `policy_invalid` only if the files are too much for Cedar's parser.
 * @example
 * const { policies, findings } = await readPolicies([{ name: 'reports.cedar', text }], facts);
 */
export function readPolicies(files: readonly PolicyFile[], facts: SchemaFacts): Promise<ReadPolicies> {
  return inCedarThread('read', { files, facts });
}

/**
 * The text of a file in Cedar's layout. Throws `policy_invalid` with the file, the line and the column.
 * @example
 * await formatPolicies({ name: 'reports.cedar', text: 'permit(principal,action,resource);' });
 */
export function formatPolicies(file: PolicyFile): Promise<string> {
  return inCedarThread('format', file);
}

/**
 * The text of a policy that the server made, for example from `allow` of a route.
 * @example
 * policyText('default:admin', policy); // '@id("default:admin")\npermit (principal in Role::"admin", …'
 */
export function policyText(id: string, policy: SectionPolicy): string {
  return writePolicy(id, policy);
}
