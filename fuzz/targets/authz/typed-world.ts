// A random world that conforms to the schema.
import type { PolicyJson } from '@gatehouse/cedar';
import type { Random } from '../../harness/random.ts';
import { CONTEXT, ENTITY_KINDS } from './schema.ts';
import { typedExpression } from './typed-expression.ts';
import { anyValueOf, membersOf } from './typed-values.ts';
import type { UidJson } from './values.ts';
import { DOCUMENTS, GROUPS, TAGS, USERS } from './values.ts';
import type { EntityInJson, RequestInJson, World } from './world.ts';
import { anyActionScope, anyPolicySet, parentsOf, REQUESTS } from './world.ts';

export function anyTypedWorld(random: Random): World {
  return {
    policies: anyPolicySet(random, () => anyPolicy(random)),
    entities: anyEntities(random),
    requests: Array.from({ length: REQUESTS }, () => anyRequest(random)),
  };
}

function anyPolicy(random: Random): PolicyJson {
  const policy = {
    effect: random.pick(['permit', 'permit', 'forbid'] as const),
    principal: anyScope(random, { type: 'User', own: USERS }),
    action: anyActionScope(random),
    resource: anyScope(random, { type: 'App::Document', own: DOCUMENTS }),
    conditions: Array.from({ length: random.below(3) }, () => ({
      kind: random.pick(['when', 'when', 'unless'] as const),
      body: typedExpression(random, 'Bool', 2 + random.below(4)),
    })),
  };
  return policy as PolicyJson;
}

function anyScope(random: Random, { type, own }: { type: string; own: readonly UidJson[] }): object {
  switch (random.below(7)) {
    case 0:
      return { op: '==', entity: random.pick(own) };
    case 1:
      return { op: 'in', entity: random.pick(GROUPS) };
    case 2:
      return { op: 'is', entity_type: type };
    case 3:
      return { op: 'is', entity_type: type, in: { entity: random.pick(GROUPS) } };
    default:
      return { op: 'All' };
  }
}

/** The schema has the actions. */
function anyEntities(random: Random): EntityInJson[] {
  const of = (type: keyof typeof ENTITY_KINDS, uids: readonly UidJson[]) =>
    uids
      .filter(() => random.below(6) > 0)
      .map((uid) => {
        const { members, tags } = ENTITY_KINDS[type];
        const all = type === 'Group' ? GROUPS : [uid, ...GROUPS];
        const tagged = TAGS.filter(() => random.below(2) === 0).map((tag) => [tag, anyValueOf(random, tags)]);
        const attrs = membersOf(random, members);
        return { uid, attrs, tags: Object.fromEntries(tagged), parents: parentsOf(random, uid, all) };
      });
  const actions = [
    { id: 'any', parents: [] },
    { id: 'write', parents: ['any'] },
    { id: 'read', parents: ['write', 'any'] },
  ].map(({ id, parents }) => ({ uid: action(id), attrs: {}, tags: {}, parents: parents.map(action) }));
  return [...of('User', USERS), ...of('App::Document', DOCUMENTS), ...of('Group', GROUPS), ...actions];
}

function anyRequest(random: Random): RequestInJson {
  return {
    principal: random.pick(USERS),
    action: action('read'),
    resource: random.pick(DOCUMENTS),
    context: membersOf(random, CONTEXT),
  };
}

function action(id: string): UidJson {
  return { type: 'Action', id };
}
