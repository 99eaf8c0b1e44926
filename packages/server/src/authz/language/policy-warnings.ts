// Warnings about valid policies: names that do not exist yet, and policies that permit everything.
import type { PolicyJson } from '@gatehouse/cedar';
import { nearest } from '../../configuration/index.ts';
import { knownNames } from './known-names.ts';
import type { PolicyFinding } from './policy-file.ts';
import type { Asked } from './policy-walk.ts';
import { askedIn, entitiesIn } from './policy-walk.ts';
import type { ParsedPolicy } from './read-policy.ts';
import type { SchemaFacts } from './schema-facts.ts';
import type { Passage } from './source-text.ts';
import { placeIn } from './source-text.ts';
import type { Token } from './tokens.ts';
import { tokensOf } from './tokens.ts';

interface PolicyWarning {
  /** The index into the policy. */
  index: number;
  message: string;
  help?: string;
}

export function policyWarnings(policy: ParsedPolicy, facts: SchemaFacts): PolicyFinding[] {
  const { id, json, passage } = policy;
  const warnings = [...unknownNames(policy, facts), ...unknownRoutes(policy, facts), ...broad(json)];
  return warnings.map(({ index, ...words }) => ({
    severity: 'warning',
    ...placeIn(passage, index),
    policy: id,
    ...words,
  }));
}

function unknownNames({ json, passage }: ParsedPolicy, facts: SchemaFacts): PolicyWarning[] {
  return distinct(askedIn(json)).flatMap(({ owner, name }) => {
    const names = knownNames(owner, facts);
    if (names.includes(name)) return [];
    const near = nearest(name, names);
    const help = near === undefined ? {} : { help: `Did you mean \`${near}\`?` };
    return [{ index: indexAfterHas(passage, name), message: ABSENT[owner](name), ...help }];
  });
}

const ABSENT: Readonly<Record<Asked['owner'], (name: string) => string>> = {
  principal: (name) => `No user and no service has the attribute \`${name}\` yet.`,
  resource: (name) => `No route declares the attribute \`${name}\`.`,
  context: (name) => `The context never has \`${name}\`.`,
  params: (name) => `No route has the path parameter \`${name}\`.`,
  query: (name) => `No route names the query parameter \`${name}\`.`,
  headers: (name) => `No route names the header field \`${name}\`.`,
};

function unknownRoutes({ json, passage }: ParsedPolicy, { routes }: SchemaFacts): PolicyWarning[] {
  const names = routes.map(({ name }) => name);
  const named = entitiesIn(json).flatMap(({ type, id }) => (type === 'Route' ? id : []));
  return [...new Set(named)]
    .filter((name) => !names.includes(name))
    .map((name) => {
      const near = nearest(name, names);
      const help =
        near === undefined ? 'See `gatehouse config show` for the routes.' : `Did you mean \`${near}\`?`;
      return { index: indexOfString(passage, name), message: `There is no route "${name}".`, help };
    });
}

function broad({ effect, principal, action, resource, conditions }: PolicyJson): PolicyWarning[] {
  const hasScope = [principal, action, resource].some(({ op }) => op !== 'All');
  const hasCondition = conditions.some(({ kind, body }) => body.Value !== (kind === 'when'));
  if (effect !== 'permit' || hasScope || hasCondition) return [];
  return [
    {
      index: 0,
      message: 'The policy permits every request of every caller.',
      help: 'Name a role, a route or a condition.',
    },
  ];
}

function distinct(asked: readonly Asked[]): Asked[] {
  return [...new Map(asked.map((each) => [`${each.owner}.${each.name}`, each])).values()];
}

function indexAfterHas({ text }: Passage, name: string): number {
  const tokens = [...tokensOf(text)];
  const found = tokens.findIndex((token, index) => token.text === 'has' && isNamed(tokens[index + 1], name));
  return tokens[found + 1]?.start ?? 0;
}

function isNamed(token: Token | undefined, name: string): boolean {
  return token?.text === name || token?.text === JSON.stringify(name);
}

function indexOfString({ text }: Passage, value: string): number {
  return [...tokensOf(text)].find((token) => token.text === JSON.stringify(value))?.start ?? 0;
}
