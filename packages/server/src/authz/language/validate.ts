// Validates policies with Cedar's strict validator. A policy that it accepts cannot fail because of a wrong
// type or an absent attribute. Each policy is validated against the requests that it decides.
import { METHODS } from 'node:http';
import type { PolicyJson } from '@gatehouse/cedar';
import { nearest } from '../../configuration/index.ts';
import type { Cedar, CedarError } from './cedar.ts';
import type { FindNearest } from './cedar-messages.ts';
import { inPlainWords } from './cedar-messages.ts';
import { knownNames } from './known-names.ts';
import type { ReadLink } from './links.ts';
import type { PolicyFinding } from './policy-file.ts';
import { isError } from './policy-file.ts';
import { entitiesIn } from './policy-walk.ts';
import type { ParsedPolicy } from './read-policy.ts';
import { findingFrom } from './read-policy.ts';
import type { SchemaVariant } from './schema.ts';
import { routesIn, schemaText } from './schema.ts';
import type { SchemaFacts } from './schema-facts.ts';

/** The policies to validate, and the links of the templates among them. */
export interface Validated {
  policies: readonly ParsedPolicy[];
  links: readonly ReadLink[];
}

/** Returns each finding once. */
export function validate(cedar: Cedar, { policies, links }: Validated, facts: SchemaFacts): PolicyFinding[] {
  const methods = methodsIn(policies);
  const findNearest: FindNearest = (owner, name) => nearest(name, knownNames(owner, facts));
  const validateFor = (members: readonly ParsedPolicy[], variant: SchemaVariant) => {
    if (members.length === 0) return [];
    const schema = schemaText(facts, { ...variant, methods });
    const own = links.filter(({ template }) => members.includes(template));
    return validateAll(cedar, { policies: members, links: own }, { schema, findNearest });
  };
  const groups = Map.groupBy(policies, ({ json }) => JSON.stringify(variantFor(json, facts)));
  const findings = [...groups].flatMap(([text, members]) => {
    const variant = JSON.parse(text) as SchemaVariant;
    const byAsking = Map.groupBy(members, ({ json }) => asksForActionOf(json, facts));
    const [asking = [], others = []] = [byAsking.get(true), byAsking.get(false)];
    const ofAsking = eachAction(facts, variant).map((one) => validateFor(asking, one));
    return [...validateFor(others, variant), ...together(ofAsking)];
  });
  return distinct(findings);
}

/**
 * A variant for the routes of each action, and one for routes without an action. For the validator, the
 * groups of a method are fixed, and it does not look behind `action in Action::"pay" ||`. But in fact, only
 * the methods of some routes are in that action.
 */
function eachAction(facts: SchemaFacts, variant: SchemaVariant): SchemaVariant[] {
  const actions = [...new Set(routesIn(facts, variant).map(({ action }) => action))];
  if (actions.length < 2) return [variant];
  return actions.map((action) => ({ ...variant, actions: action === undefined ? [] : [action] }));
}

/** Whether a condition may ask for an action that routes name. */
function asksForActionOf(json: PolicyJson, { routes }: SchemaFacts): boolean {
  const named = entitiesIn({ ...json, action: { op: 'All' } });
  return named.some(({ type, id }) => type === 'Action' && routes.some(({ action }) => action === id));
}

/** Errors for any of the routes, and warnings that hold for all of them. */
function together(runs: readonly (readonly PolicyFinding[])[]): PolicyFinding[] {
  const found = runs.map((findings) => new Set(findings.map(identityOf)));
  const isEverywhere = (finding: PolicyFinding) => found.every((each) => each.has(identityOf(finding)));
  return runs.flat().filter((finding) => isError(finding) || isEverywhere(finding));
}

/** The requests that a policy decides. */
function variantFor(json: PolicyJson, facts: SchemaFacts): SchemaVariant {
  const isPermit = json.effect === 'permit';
  // A permit opens the admin API only if it names its actions. A forbid always closes it.
  const hasAdmin = !isPermit || namesPermission(json, facts);
  const route = routeOf(json, facts);
  return { isLenient: isPermit, hasAdmin, ...(route === undefined ? {} : { route }) };
}

function routeOf({ resource }: PolicyJson, { routes }: SchemaFacts): string | undefined {
  if (resource.op !== '==' || !('entity' in resource) || resource.entity.type !== 'Route') return undefined;
  return routes.find(({ name }) => name === resource.entity.id)?.name;
}

function namesPermission({ action }: PolicyJson, { permissions }: SchemaFacts): boolean {
  if (action.op === 'All') return false;
  const named = 'entities' in action ? action.entities : [action.entity];
  const known = new Set(permissions.flatMap(({ name, groups }) => [name, ...groups]));
  return named.some(({ id }) => known.has(id));
}

/**
 * The uncommon methods that policies name. The schema has no other uncommon ones, because each makes
 * validation slower.
 */
function methodsIn(policies: readonly ParsedPolicy[]): string[] {
  const actions = policies.flatMap(({ json }) => entitiesIn(json)).filter(({ type }) => type === 'Action');
  const known = new Set(METHODS);
  return [...new Set(actions.map(({ id }) => id))].filter((id) => known.has(id));
}

interface SchemaInForce {
  /** In Cedar's language. */
  schema: string;
  findNearest: FindNearest;
}

function validateAll(cedar: Cedar, { policies, links }: Validated, about: SchemaInForce): PolicyFinding[] {
  const { schema, findNearest } = about;
  const answer = cedar.validate({
    schema,
    policies: {
      staticPolicies: textsOf(policies, false),
      templates: textsOf(policies, true),
      templateLinks: links.map(({ template, slots }, index) => ({
        templateId: String(policies.indexOf(template)),
        newId: `${LINK}${index}`,
        values: slots,
      })),
    },
  });
  if (answer.type === 'failure') throw new Error(`Cedar refused the schema: ${answer.errors[0]?.message}`);
  const finding =
    (severity: PolicyFinding['severity']) =>
    ({ policyId, error }: CedarFinding): PolicyFinding => {
      if (policyId.startsWith(LINK)) {
        const { id, place } = links[Number(policyId.slice(LINK.length))] as ReadLink;
        return { severity, ...place, policy: id, ...inPlainWords(error, '') };
      }
      const { id, passage } = policies[Number(policyId)] as ParsedPolicy;
      return { ...findingFrom(error, { passage, severity, findNearest }), policy: id };
    };
  return [
    ...answer.validationErrors.map(finding('error')),
    ...answer.validationWarnings.map(finding('warning')),
  ];
}

/** The beginning of the names of links. The names of policies are numbers. */
const LINK = 'link';

interface CedarFinding {
  policyId: string;
  error: CedarError;
}

/** By their position, because two could have the same id. */
function textsOf(policies: readonly ParsedPolicy[], isTemplate: boolean): Record<string, string> {
  const texts = policies.map(({ passage }, index) => [String(index), passage.text] as const);
  return Object.fromEntries(texts.filter((_, index) => policies[index]?.isTemplate === isTemplate));
}

/** Cedar reports the same mistake for each type of principal, and for each action. */
function distinct(findings: readonly PolicyFinding[]): PolicyFinding[] {
  return [...new Map(findings.map((each) => [identityOf(each), each])).values()];
}

function identityOf({ file, line, column, message }: PolicyFinding): string {
  return `${file}:${line}:${column}:${message}`;
}
