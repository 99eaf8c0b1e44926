// The JSON form of Cedar policies (https://docs.cedarpolicy.com/policies/json-format.html), in the form of
// Cedar's own parser.
import type { EntityJson } from '../values/value-json.ts';

/** An entity, or the slot of a template that a link fills. */
export type EntityOrSlotJson = { entity: EntityJson } | { slot: string };

/** The principals or resources of a policy. */
export type ScopeJson =
  | { op: 'All' }
  | ({ op: '==' } & EntityOrSlotJson)
  | ({ op: 'in' } & EntityOrSlotJson)
  | { op: 'is'; entity_type: string; in?: EntityOrSlotJson };

/** The actions of a policy. */
export type ActionScopeJson =
  | { op: 'All' }
  | { op: '=='; entity: EntityJson }
  | { op: 'in'; entity: EntityJson }
  | { op: 'in'; entities: readonly EntityJson[] };

/** An object with one member: the operator with its operands. */
export type ExpressionJson = Readonly<Record<string, unknown>>;

/** A policy or a template. */
export interface PolicyJson {
  effect: 'permit' | 'forbid';
  principal: ScopeJson;
  action: ActionScopeJson;
  resource: ScopeJson;
  conditions: readonly { kind: 'when' | 'unless'; body: ExpressionJson }[];
  annotations?: Readonly<Record<string, string | null>>;
}

/** A template with its slots filled. */
export interface TemplateLinkJson {
  templateId: string;
  newId: string;
  values: Readonly<Record<string, EntityJson>>;
}

/** Policies by their ids, with templates and their links. */
export interface PolicySetJson {
  staticPolicies: Readonly<Record<string, PolicyJson>>;
  templates?: Readonly<Record<string, PolicyJson>>;
  templateLinks?: readonly TemplateLinkJson[];
}
