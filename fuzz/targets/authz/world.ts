// A random world: policies, templates with links, entities and requests.
import type { PolicyJson, PolicySetJson, TemplateLinkJson } from '@gatehouse/cedar';
import type { Random } from '../../harness/random.ts';
import { expression } from './expression.ts';
import type { UidJson } from './values.ts';
import { ACTIONS, anyFields, anyUid, anyValue, DOCUMENTS, GROUPS, TAGS, TYPES, USERS } from './values.ts';

export interface EntityInJson {
  uid: UidJson;
  attrs: Record<string, unknown>;
  tags: Record<string, unknown>;
  parents: UidJson[];
}

export interface RequestInJson {
  principal: UidJson;
  action: UidJson;
  resource: UidJson;
  context: Record<string, unknown>;
}

export interface World {
  policies: PolicySetJson;
  entities: EntityInJson[];
  requests: RequestInJson[];
}

/** Of each world. */
export const REQUESTS = 20;
const POLICIES = 8;
const TEMPLATES = 3;
const LINKS = 3;

export function anyWorld(random: Random): World {
  return {
    policies: anyPolicySet(random, () => anyPolicy(random)),
    entities: anyEntities(random),
    requests: Array.from({ length: REQUESTS }, () => anyRequest(random)),
  };
}

/** Some policies, and some templates with links, which may be none. */
export function anyPolicySet(random: Random, make: () => PolicyJson): PolicySetJson {
  const templates = numbered('template', random.below(TEMPLATES), () => withSlots(random, make()));
  const templateLinks = Object.entries(templates).flatMap(([templateId, template]) =>
    Array.from({ length: random.below(LINKS) }, (_, index) =>
      anyLink(random, { templateId, template, index }),
    ),
  );
  return { staticPolicies: numbered('policy', 1 + random.below(POLICIES), make), templates, templateLinks };
}

function numbered(name: string, length: number, make: () => PolicyJson): Record<string, PolicyJson> {
  return Object.fromEntries(Array.from({ length }, (_, index) => [`${name}${index}`, make()]));
}

const CALLERS = [...USERS, ...GROUPS];
const PLACES = [...DOCUMENTS, ...GROUPS];

/** At least one slot: otherwise it would be no template. */
function withSlots(random: Random, policy: PolicyJson): PolicyJson {
  const kind = random.below(3);
  return {
    ...policy,
    ...(kind !== 1 && { principal: slotScope(random, '?principal', 'User') }),
    ...(kind !== 0 && { resource: slotScope(random, '?resource', 'App::Document') }),
  } as PolicyJson;
}

function slotScope(random: Random, slot: string, type: string): object {
  switch (random.below(3)) {
    case 0:
      return { op: '==', slot };
    case 1:
      return { op: 'in', slot };
    default:
      return { op: 'is', entity_type: random.below(4) === 0 ? random.pick(TYPES) : type, in: { slot } };
  }
}

function anyLink(
  random: Random,
  { templateId, template, index }: { templateId: string; template: PolicyJson; index: number },
): TemplateLinkJson {
  const text = JSON.stringify([template.principal, template.resource]);
  return {
    templateId,
    newId: `${templateId}-link${index}`,
    values: {
      ...(text.includes('?principal') && { '?principal': random.pick(CALLERS) }),
      ...(text.includes('?resource') && { '?resource': random.pick(PLACES) }),
    },
  };
}

function anyPolicy(random: Random): PolicyJson {
  const policy = {
    effect: random.pick(['permit', 'permit', 'forbid'] as const),
    principal: anyScope(random, CALLERS),
    action: anyActionScope(random),
    resource: anyScope(random, PLACES),
    conditions: Array.from({ length: random.below(3) }, () => ({
      kind: random.pick(['when', 'when', 'unless'] as const),
      body: expression(random, 'boolean', 1 + random.below(4)),
    })),
  };
  return policy as PolicyJson;
}

function anyScope(random: Random, uids: readonly UidJson[]): object {
  const entity = random.pick(uids);
  switch (random.below(6)) {
    case 0:
      return { op: '==', entity };
    case 1:
      return { op: 'in', entity };
    case 2:
      return { op: 'is', entity_type: random.pick(TYPES) };
    case 3:
      return { op: 'is', entity_type: random.pick(TYPES), in: { entity } };
    default:
      return { op: 'All' };
  }
}

export function anyActionScope(random: Random): object {
  switch (random.below(5)) {
    case 0:
      return { op: '==', entity: random.pick(ACTIONS) };
    case 1:
      return { op: 'in', entity: random.pick(ACTIONS) };
    case 2:
      return { op: 'in', entities: ACTIONS.filter(() => random.below(2) === 0) };
    default:
      return { op: 'All' };
  }
}

/** Parents come later in the list, so that there is no cycle. */
function anyEntities(random: Random): EntityInJson[] {
  const present = (uids: readonly UidJson[]) => uids.filter(() => random.below(5) > 0);
  const inGroups = [...present(USERS), ...present(DOCUMENTS), ...present(GROUPS)];
  const entity = (uid: UidJson, parents: UidJson[]): EntityInJson => ({
    uid,
    attrs: anyFields(random, 1),
    tags: Object.fromEntries(
      TAGS.filter(() => random.below(3) === 0).map((tag) => [tag, anyValue(random, 0)]),
    ),
    parents,
  });
  return [
    ...inGroups.map((uid) =>
      entity(uid, parentsOf(random, uid, GROUPS.includes(uid) ? GROUPS : [uid, ...GROUPS])),
    ),
    ...present(ACTIONS).map((uid) => ({
      uid,
      attrs: {},
      tags: {},
      parents: parentsOf(random, uid, ACTIONS),
    })),
  ];
}

/** Some of those that come after it. */
export function parentsOf(random: Random, uid: UidJson, all: readonly UidJson[]): UidJson[] {
  return all.slice(all.indexOf(uid) + 1).filter(() => random.below(3) === 0);
}

function anyRequest(random: Random): RequestInJson {
  return {
    principal: random.below(10) === 0 ? anyUid(random) : random.pick(USERS),
    action: random.pick(ACTIONS),
    resource: random.below(10) === 0 ? anyUid(random) : random.pick(DOCUMENTS),
    context: anyFields(random, 2),
  };
}
