// Explains a decision of policies in sentences.
import type { PolicyExplanation } from '../../connection/admin-api.ts';

type Explained = PolicyExplanation['explanations'][number];
type Part = Explained['failed'][number];

/** The decision, followed by a sentence for each reason. */
export function explanationText(explanation: PolicyExplanation): string[] {
  return [decisionText(explanation), ...remedies(explanation), ...failures(explanation)];
}

function decisionText({ allowed, policies }: PolicyExplanation): string {
  const names = list(policies);
  if (allowed) return `Allowed: ${names} ${policies.length === 1 ? 'permits' : 'permit'} it.`;
  if (policies.length === 0) return 'Denied: no policy permits it.';
  return `Denied: ${names} ${policies.length === 1 ? 'forbids' : 'forbid'} it.`;
}

function remedies({ allowed, policies, explanations, resource }: PolicyExplanation): string[] {
  if (allowed) return [];
  const permits = explanations.filter(({ effect }) => effect === 'permit');
  const forbidden = explanations.filter(({ policy }) => policies.includes(policy)).map(forbids);
  const permitting = permits.filter(({ applies }) => applies).map(({ policy }) => policy);
  if (permitting.length > 0) return [...forbidden, `Without that, ${list(permitting)} would permit it.`];
  const [nearest] = permits;
  if (nearest && isElsewhere(nearest))
    return [...forbidden, `No policy permits anything on ${resource}: write one that does.`];
  if (nearest)
    return [...forbidden, `The nearest policy that permits is ${nearest.policy}: ${needs(nearest)}`];
  return [...forbidden, 'No policy comes close to permitting it.'];
}

/** A policy for another resource is not near. */
function isElsewhere({ failed }: Explained): boolean {
  return failed.some(({ part }) => part === 'resource');
}

/** `limit forbids it for principal is User, while A, as a is 1, unless B, but b is 2.` */
function forbids({ policy, because }: Explained): string {
  const of = (parts: readonly Part['part'][]) => because.filter(({ part }) => parts.includes(part));
  const scope = of(['principal', 'action', 'resource']).map(({ text }) => text);
  const clauses = [
    scope.length > 0 ? `for ${list(scope)}` : 'for every request',
    ...of(['when']).map((part) => `while ${part.text}${withFacts(part, 'as')}`),
    ...of(['unless']).map((part) => `unless ${part.text}${withFacts(part, 'but')}`),
  ];
  return `${policy} forbids it ${clauses.join(', ')}.`;
}

function withFacts({ values }: Part, word: string): string {
  return values.length === 0
    ? ''
    : `, ${word} ${list(values.map(({ text, value }) => `${text} is ${value}`))}`;
}

/** `it needs A, but a is 1; and B, but b is 2.` */
function needs({ failed }: Explained): string {
  return `${failed.map((part, index) => `${index === 0 ? '' : 'and '}${partText(part)}`).join('; ')}.`;
}

function partText({ part, text, values, error }: Part): string {
  const wanted = part === 'unless' ? `it excludes ${text}` : `it needs ${text}`;
  const facts = values.map(({ text: name, value }) => `${name} is ${value}`);
  const found = list(facts);
  if (error !== undefined)
    return `${wanted}, but that cannot be evaluated${found ? ` (${found})` : ''}: ${error.replace(/\.$/, '')}`;
  if (facts.length === 0) return wanted;
  return `${wanted}, ${part === 'unless' ? 'and' : 'but'} ${found}`;
}

function failures({ errors }: PolicyExplanation): string[] {
  return errors.map(
    ({ policy, message }) => `${policy} had no effect, because it could not be evaluated: ${message}`,
  );
}

/** `a`, `a and b`, `a, b and c` */
function list(items: readonly string[]): string {
  const [last = '', ...before] = items.toReversed();
  return before.length === 0 ? last : `${before.reverse().join(', ')} and ${last}`;
}
