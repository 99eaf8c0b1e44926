// Reads the text of one policy or template as JSON.
import type { PolicyJson } from '@gatehouse/cedar';
import type { Cedar, CedarError } from './cedar.ts';
import type { FindNearest } from './cedar-messages.ts';
import { inPlainWords } from './cedar-messages.ts';
import { exceededLimit } from './limits.ts';
import type { PolicyFinding } from './policy-file.ts';
import type { Passage } from './source-text.ts';
import { indexOfOffset, placeIn } from './source-text.ts';
import { indexOfNextPolicy } from './split-policies.ts';
import { tokensOf } from './tokens.ts';

/** A policy that Cedar's parser accepts. */
export interface ParsedPolicy {
  id: string;
  json: PolicyJson;
  isTemplate: boolean;
  passage: Passage;
}

export type ReadPolicy = { policy: ParsedPolicy; findings?: never } | { findings: PolicyFinding[] };

/** `defaultId` is for a policy without `@id`. */
export function readPolicy(cedar: Cedar, passage: Passage, defaultId: string): ReadPolicy {
  const exceeded = exceededLimit(passage);
  if (exceeded) {
    const { index, message, help } = exceeded;
    return { findings: [{ severity: 'error', ...placeIn(passage, index), message, help }] };
  }
  const next = indexOfNextPolicy(passage);
  if (next !== undefined) return { findings: [{ severity: 'error', ...placeIn(passage, next), ...UNENDED }] };
  const isTemplate = [...tokensOf(passage.text)].some(({ kind }) => kind === 'slot');
  const answer = isTemplate ? cedar.templateToJson(passage.text) : cedar.policyToJson(passage.text);
  if (answer.type === 'failure') return { findings: errorsIn(answer.errors, passage) };
  const json = answer.json as unknown as PolicyJson;
  return { policy: { id: json.annotations?.id ?? defaultId, json, isTemplate, passage } };
}

const UNENDED = {
  message: 'Another policy begins here, but the previous policy has no end.',
  help: 'End it with `;`.',
};

function errorsIn(errors: readonly CedarError[], passage: Passage): PolicyFinding[] {
  return errors
    .flatMap((error) => [error, ...(error.related ?? [])])
    .map((error) => findingFrom(error, { passage, severity: 'error' }));
}

interface FindingContext {
  passage: Passage;
  severity: PolicyFinding['severity'];
  findNearest?: FindNearest;
}

/** Cedar's message, with its place in the file. */
export function findingFrom(
  error: CedarError,
  { passage, severity, findNearest }: FindingContext,
): PolicyFinding {
  const [location] = error.sourceLocations ?? [];
  const start = indexOfOffset(passage.text, location?.start ?? 0);
  const end = indexOfOffset(passage.text, location?.end ?? 0);
  const words = inPlainWords(error, passage.text.slice(start, end), findNearest);
  return { severity, ...placeIn(passage, start), ...words };
}
