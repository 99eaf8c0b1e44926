// Replaces Cedar's library while mutants are tested. A mutant does not change Cedar's answers, so each
// question is asked once in a process.
import * as cedar from '@cedar-policy/cedar-wasm/nodejs';

export * from '@cedar-policy/cedar-wasm/nodejs';

export const policyToJson = remembered(cedar.policyToJson);
export const isAuthorized = remembered(cedar.isAuthorized);

function remembered<Question, Answer>(ask: (question: Question) => Answer): (question: Question) => Answer {
  const known = new Map<string, Answer>();
  return (question) => {
    const text = JSON.stringify(question);
    const found = known.get(text) ?? ask(question);
    known.set(text, found);
    // A copy, because tests may change the result.
    return structuredClone(found);
  };
}
