// Evaluates expressions with our compiler and with Cedar's own, for the same request.
import * as cedar from '@cedar-policy/cedar-wasm/nodejs';
import type { PolicyJson, RecordValue, Value } from '../../src/index.ts';
import {
  createAuthorizer,
  createEntities,
  entityFromJson,
  fieldsFromJson,
  recordValue,
} from '../../src/index.ts';

const ENTITIES = [
  {
    uid: { type: 'User', id: 'alice' },
    attrs: {
      name: 'alice',
      age: 42,
      manager: { __entity: { type: 'User', id: 'bob' } },
      address: { city: 'Rome', geo: { lat: 1 } },
      nothing: {},
    },
    parents: [{ type: 'Group', id: 'staff' }],
    tags: { red: 1, blue: 'x' },
  },
  { uid: { type: 'User', id: 'bob' }, attrs: { name: 'bob' }, parents: [], tags: {} },
  { uid: { type: 'Group', id: 'staff' }, attrs: {}, parents: [{ type: 'Group', id: 'all' }], tags: {} },
  { uid: { type: 'Group', id: 'all' }, attrs: {}, parents: [], tags: {} },
  {
    uid: { type: 'Action', id: 'read' },
    attrs: {},
    parents: [{ type: 'Action', id: 'any' }],
    tags: {},
  },
  { uid: { type: 'Doc', id: 'plan' }, attrs: { size: 3 }, parents: [], tags: {} },
];

const CONTEXT = {
  max: 2 ** 53 - 1,
  one: 1,
  text: 'a*b',
  yes: true,
  list: [1, 2, 3],
  ip: { __extn: { fn: 'ip', arg: '10.1.2.3' } },
  now: { __extn: { fn: 'datetime', arg: '2026-11-30T12:00:00Z' } },
};

const REQUEST = {
  principal: { type: 'User', id: 'alice' },
  action: { type: 'Action', id: 'read' },
  resource: { type: 'Doc', id: 'plan' },
  context: CONTEXT,
};

/** A context that fails for a reason outside of policies. */
export const BROKEN_CONTEXT: RecordValue = recordValue({
  get() {
    throw new RangeError('broken');
  },
  size: 0,
  keys: () => new Map<string, Value>().keys(),
});

/** The result of a condition. */
export type Outcome = 'true' | 'false' | 'error';

/** Throws if Cedar's parser refuses the text. */
export function policyOf(text: string): PolicyJson {
  const parsed = cedar.policyToJson(text);
  if (parsed.type === 'failure') throw new Error(`${text}: ${JSON.stringify(parsed.errors)}`);
  return parsed.json as unknown as PolicyJson;
}

export function conditionOf(expression: string): PolicyJson {
  return policyOf(`permit (principal, action, resource) when { ${expression} };`);
}

export function ourOutcome(policy: PolicyJson): Outcome {
  const entities = createEntities(
    ENTITIES.map(({ uid, attrs, parents, tags }) => ({
      uid: entityFromJson(uid),
      attributes: fieldsFromJson(attrs),
      tags: fieldsFromJson(tags),
      parents: parents.map(entityFromJson),
    })),
  );
  const request = {
    principal: entityFromJson(REQUEST.principal),
    action: entityFromJson(REQUEST.action),
    resource: entityFromJson(REQUEST.resource),
    context: recordValue(fieldsFromJson(CONTEXT)),
  };
  const { allowed, errors } = createAuthorizer({ staticPolicies: { policy } }).isAuthorized(
    request,
    entities,
  );
  return errors.length > 0 ? 'error' : allowed ? 'true' : 'false';
}

export function cedarOutcome(policy: PolicyJson): Outcome {
  const call = { ...REQUEST, entities: ENTITIES, policies: { staticPolicies: { policy } } } as unknown;
  const answer = cedar.isAuthorized(call as cedar.AuthorizationCall);
  if (answer.type === 'failure') throw new Error(JSON.stringify(answer.errors));
  const { decision, diagnostics } = answer.response;
  return diagnostics.errors.length > 0 ? 'error' : decision === 'allow' ? 'true' : 'false';
}
