// Our authorizer beside Cedar's own, compiled to WebAssembly: both must give the same decision for the same
// reasons, and skip the same policies.
import * as cedar from '@cedar-policy/cedar-wasm/nodejs';
import type { CedarAnswer } from '@gatehouse/cedar';
import {
  createAuthorizer,
  createEntities,
  entityFromJson,
  fieldsFromJson,
  recordValue,
} from '@gatehouse/cedar';
import { createRandom } from '../../harness/random.ts';
import type { FuzzReader } from '../../harness/target.ts';
import type { RequestInJson, World } from './world.ts';
import { anyWorld } from './world.ts';

/** Each input is the seed of a world. */
export function createAuthzReaders(): FuzzReader[] {
  return [{ name: 'cedar', isGeneral: true, accepts: (input) => isSameIn(worldOf(input)) }];
}

function worldOf(input: Uint8Array): World {
  return anyWorld(createRandom(Buffer.concat([input, Buffer.alloc(4)]).readInt32LE(0)));
}

/** True if a request was allowed. Throws what differs. */
function isSameIn(world: World): boolean {
  const authorizer = createAuthorizer({ staticPolicies: world.policies });
  const entities = createEntities(
    world.entities.map(({ uid, attrs, tags, parents }) => ({
      uid: entityFromJson(uid),
      attributes: fieldsFromJson(attrs),
      tags: fieldsFromJson(tags),
      parents: parents.map(entityFromJson),
    })),
  );
  const theirs = oracleOf(world);
  const answers = world.requests.map((request) => {
    const ours = authorizer.isAuthorized(
      {
        principal: entityFromJson(request.principal),
        action: entityFromJson(request.action),
        resource: entityFromJson(request.resource),
        context: recordValue(fieldsFromJson(request.context)),
      },
      entities,
    );
    requireSame(describe(ours), theirs(request), { world, request });
    return ours.allowed;
  });
  return answers.includes(true);
}

/** Cedar parses policies once under one name: it never forgets a name. */
const PARSED = 'fuzzed';

function oracleOf({ policies, entities }: World): (request: RequestInJson) => string {
  const parsed = cedar.preparsePolicySet(PARSED, { staticPolicies: policies as never });
  if (parsed.type === 'failure') throw new Error(`Cedar refused: ${JSON.stringify(parsed.errors)}`);
  return (request) => {
    const call = { ...request, preparsedPolicySetId: PARSED, entities } as unknown;
    const answer = cedar.statefulIsAuthorized(call as cedar.StatefulAuthorizationCall);
    if (answer.type === 'failure') throw new Error(`Cedar refused: ${JSON.stringify(answer.errors)}`);
    const { decision, diagnostics } = answer.response;
    return describe({
      allowed: decision === 'allow',
      reasons: diagnostics.reason,
      errors: diagnostics.errors.map(({ policyId }) => ({ policy: policyId, message: '' })),
    });
  };
}

function describe({ allowed, reasons, errors }: CedarAnswer): string {
  const failed = errors.map(({ policy }) => policy).sort();
  return `${allowed ? 'allow' : 'deny'} because of [${reasons.toSorted()}], skipped [${failed}]`;
}

function requireSame(ours: string, theirs: string, input: { world: World; request: RequestInJson }): void {
  if (ours === theirs) return;
  throw new Error(`Cedar: ${theirs}; ours: ${ours}; ${JSON.stringify(input)}`);
}
