// The JSON form of Cedar policies (https://docs.cedarpolicy.com/policies/json-format.html), as Cedar's own
// parser writes it.

/** The name of an entity in JSON. */
export interface EntityJson {
  type: string;
  id: string;
}

/** An entity, or the slot of a template that a link fills. */
export type EntityOrSlotJson = { entity: EntityJson } | { slot: string };

export type ScopeJson =
  | { op: 'All' }
  | ({ op: '==' } & EntityOrSlotJson)
  | ({ op: 'in' } & EntityOrSlotJson)
  | { op: 'is'; entity_type: string; in?: EntityOrSlotJson };

export type ActionScopeJson =
  | { op: 'All' }
  | { op: '=='; entity: EntityJson }
  | { op: 'in'; entity: EntityJson }
  | { op: 'in'; entities: readonly EntityJson[] };

/** An object with one member: the operator with its operands. */
export type ExpressionJson = Readonly<Record<string, unknown>>;

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

export interface PolicySetJson {
  staticPolicies: Readonly<Record<string, PolicyJson>>;
  templates?: Readonly<Record<string, PolicyJson>>;
  templateLinks?: readonly TemplateLinkJson[];
}
