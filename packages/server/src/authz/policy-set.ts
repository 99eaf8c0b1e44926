// The policies of a section as one set of Cedar.
import type { SectionPolicy } from '@gatehouse/access';
import type { PolicySetJson } from '@gatehouse/cedar';

/** A policy with slots becomes a template with one link. */
export function policySetOf(policies: ReadonlyMap<string, SectionPolicy>): PolicySetJson {
  const all = [...policies].map(([id, { json, slots }]) => ({ id, json, slots }));
  const byId = (wanted: typeof all) => Object.fromEntries(wanted.map(({ id, json }) => [id, json]));
  return {
    staticPolicies: byId(all.filter(({ slots }) => !slots)),
    templates: byId(all.filter(({ slots }) => slots)),
    templateLinks: all.flatMap(({ id, slots }) =>
      slots ? [{ templateId: id, newId: id, values: slots }] : [],
    ),
  };
}
