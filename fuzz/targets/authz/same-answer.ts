// Two answers to one question: the decision, its reasons, and the policies that were skipped.
import type { Response } from '@cedar-policy/cedar-wasm/nodejs';
import type { CedarAnswer } from '@gatehouse/cedar';

export function describeAnswer(answer: CedarAnswer | Response): string {
  const { allowed, reasons, errors } = 'decision' in answer ? ofCedar(answer) : answer;
  const failed = errors.map(({ policy }) => policy).sort();
  return `${allowed ? 'allow' : 'deny'} because of [${reasons.toSorted()}], skipped [${failed}]`;
}

function ofCedar({ decision, diagnostics }: Response): CedarAnswer {
  return {
    allowed: decision === 'allow',
    reasons: diagnostics.reason,
    errors: diagnostics.errors.map(({ policyId }) => ({ policy: policyId, message: '' })),
  };
}

/** Throws what differs, with the input. */
export function requireSame(ours: string, theirs: string, input: object): void {
  if (ours === theirs) return;
  throw new Error(`Cedar: ${theirs}; ours: ${ours}; ${JSON.stringify(input)}`);
}
