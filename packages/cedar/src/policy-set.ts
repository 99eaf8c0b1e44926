// The policies of a set: those without slots, and the templates with the values of their links.
import { CedarError } from './cedar-error.ts';
import type { PolicyJson, PolicySetJson } from './policy-json.ts';
import type { SlotValues } from './scope.ts';

export interface LinkedPolicy {
  id: string;
  json: PolicyJson;
  slots: SlotValues;
}

/** Throws a `CedarError` for a link to a template that is not in the set. */
export function policiesOf({
  staticPolicies,
  templates = {},
  templateLinks = [],
}: PolicySetJson): LinkedPolicy[] {
  const links = templateLinks.map(({ templateId, newId, values }) => {
    const json = Object.hasOwn(templates, templateId) ? templates[templateId] : undefined;
    if (json) return { id: newId, json, slots: values };
    throw new CedarError(`There is no template "${templateId}" for the link "${newId}".`);
  });
  return [...Object.entries(staticPolicies).map(([id, json]) => ({ id, json, slots: {} })), ...links];
}
