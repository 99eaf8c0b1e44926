// The policies of a set: those without slots, and the templates with the values of their links.
import { CedarError } from '../cedar-error.ts';
import type { EntityOrSlotJson, PolicyJson, PolicySetJson, ScopeJson } from '../language/policy-json.ts';
import type { SlotValues } from './scope.ts';

export interface LinkedPolicy {
  id: string;
  json: PolicyJson;
  slots: SlotValues;
}

/**
 * Throws a `CedarError` for a link that Cedar also refuses: to a template that is not in the set, with a slot
 * that the template does not have, or with an id that is taken.
 */
export function policiesOf({
  staticPolicies,
  templates = {},
  templateLinks = [],
}: PolicySetJson): LinkedPolicy[] {
  const taken = new Set([...Object.keys(staticPolicies), ...Object.keys(templates)]);
  const links = templateLinks.map(({ templateId, newId, values }) => {
    const json = Object.hasOwn(templates, templateId) ? templates[templateId] : undefined;
    if (!json) throw new CedarError(`There is no template "${templateId}" for the link "${newId}".`);
    const surplus = Object.keys(values).find((slot) => !slotsOf(json).has(slot));
    if (surplus !== undefined) throw surplusValue(newId, surplus);
    if (taken.has(newId)) throw new CedarError(`The id of the link "${newId}" is taken.`);
    taken.add(newId);
    return { id: newId, json, slots: values };
  });
  return [...Object.entries(staticPolicies).map(([id, json]) => ({ id, json, slots: {} })), ...links];
}

/**
 * The slots that a template has: `?principal`, `?resource`, or both.
 * @example
 * slotsOf(template).has('?principal');
 */
export function slotsOf({ principal, resource }: PolicyJson): ReadonlySet<string> {
  const scopes = [principal, resource].map((scope) => (scope.op === 'is' ? scope.in : scope));
  return new Set(scopes.flatMap((scope) => (scope && 'slot' in scope ? scope.slot : [])));
}

/**
 * The policy of a link to a template.
 * @example
 * withSlotsFilled(template, { '?principal': { type: 'User', id: 'alice' } });
 */
export function withSlotsFilled(json: PolicyJson, slots: SlotValues): PolicyJson {
  const filled = (value: EntityOrSlotJson): EntityOrSlotJson => {
    const entity = 'slot' in value ? slots[value.slot] : undefined;
    return entity ? { entity } : value;
  };
  const scope = (value: ScopeJson): ScopeJson => {
    if (value.op === 'All') return value;
    if (value.op === 'is') return value.in ? { ...value, in: filled(value.in) } : value;
    return { op: value.op, ...filled(value) } as ScopeJson;
  };
  return { ...json, principal: scope(json.principal), resource: scope(json.resource) };
}

function surplusValue(link: string, slot: string): CedarError {
  return new CedarError(`The link "${link}" has a value for ${slot}, but its template has no such slot.`);
}
