// Turns the policies of a section into one policy set of Cedar.
import type { SectionPolicy } from '@gatehouse/access';
import type { PolicySetJson } from '@gatehouse/cedar';

/** A policy with slots becomes a template with one link. */
export function policySetOf(policies: ReadonlyMap<string, SectionPolicy>): PolicySetJson {
  const all = [...policies].map(([id, { json, slots }]) => ({ id, json, slots }));
  const [fixed, linked] = [all.filter(({ slots }) => !slots), all.filter(({ slots }) => slots)];
  return {
    staticPolicies: Object.fromEntries(fixed.map(({ id, json }) => [id, json])),
    templates: Object.fromEntries(linked.map(({ id, json }) => [templateOf(id), json])),
    templateLinks: all.flatMap(({ id, slots }) =>
      slots ? [{ templateId: templateOf(id), newId: id, values: slots }] : [],
    ),
  };
}

/** No policy has this id, because ids are printable. */
function templateOf(id: string): string {
  return `\0${id}`;
}
