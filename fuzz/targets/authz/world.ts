// A random world: policies, entities and requests.
import type { PolicyJson } from '@gatehouse/cedar';
import type { Random } from '../../harness/random.ts';
import { expression } from './expression.ts';
import type { UidJson } from './values.ts';
import { ACTIONS, anyFields, anyUid, DOCUMENTS, GROUPS, TAGS, TYPES, USERS } from './values.ts';

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
  policies: Record<string, PolicyJson>;
  entities: EntityInJson[];
  requests: RequestInJson[];
}

const POLICIES = 6;
const REQUESTS = 10;

export function anyWorld(random: Random): World {
  const policies = Array.from({ length: 1 + random.below(POLICIES) }, (_, index) => [
    `policy${index}`,
    anyPolicy(random),
  ]);
  return {
    policies: Object.fromEntries(policies),
    entities: anyEntities(random),
    requests: Array.from({ length: REQUESTS }, () => anyRequest(random)),
  };
}

function anyPolicy(random: Random): PolicyJson {
  const policy = {
    effect: random.pick(['permit', 'permit', 'forbid'] as const),
    principal: anyScope(random, [...USERS, ...GROUPS]),
    action: anyActionScope(random),
    resource: anyScope(random, [...DOCUMENTS, ...GROUPS]),
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

function anyActionScope(random: Random): object {
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
  const parentsOf = (uid: UidJson, all: readonly UidJson[]) =>
    all.slice(all.indexOf(uid) + 1).filter(() => random.below(3) === 0);
  const entity = (uid: UidJson, parents: UidJson[]): EntityInJson => ({
    uid,
    attrs: anyFields(random, 1),
    tags: Object.fromEntries(TAGS.filter(() => random.below(2) === 0).map((tag) => [tag, random.below(9)])),
    parents,
  });
  return [
    ...inGroups.map((uid) => entity(uid, parentsOf(uid, GROUPS.includes(uid) ? GROUPS : [uid, ...GROUPS]))),
    ...present(ACTIONS).map((uid) => ({ uid, attrs: {}, tags: {}, parents: parentsOf(uid, ACTIONS) })),
  ];
}

function anyRequest(random: Random): RequestInJson {
  return {
    principal: random.below(10) === 0 ? anyUid(random) : random.pick(USERS),
    action: random.pick(ACTIONS),
    resource: random.below(10) === 0 ? anyUid(random) : random.pick(DOCUMENTS),
    context: anyFields(random, 2),
  };
}
