// Our authorizer beside Cedar's own, compiled to WebAssembly: both must give the same decision for the same
// reasons, and skip the same policies.
import * as cedar from '@cedar-policy/cedar-wasm/nodejs';
import {
  createAuthorizer,
  createEntities,
  entityFromJson,
  fieldsFromJson,
  recordValue,
} from '@gatehouse/cedar';
import type { Random } from '../../harness/random.ts';
import { createRandom } from '../../harness/random.ts';
import type { FuzzReader } from '../../harness/target.ts';
import { asWritten } from './as-written.ts';
import { isSameAtGateway } from './gateway-reader.ts';
import { describeAnswer, requireSame } from './same-answer.ts';
import { SCHEMA_TEXT } from './schema.ts';
import { anyTypedWorld } from './typed-world.ts';
import type { RequestInJson, World } from './world.ts';
import { anyWorld } from './world.ts';

/** Each input is the seed of a world. */
export function createAuthzReaders(): FuzzReader[] {
  const parsed = cedar.preparseSchema(NAME, SCHEMA_TEXT);
  if (parsed.type === 'failure')
    throw new Error(`Cedar refused the schema: ${JSON.stringify(parsed.errors)}`);
  return [
    {
      name: 'any types',
      isGeneral: true,
      accepts: (input) => isSameIn(anyWorld(randomOf(input)), randomOf(input)),
    },
    { name: 'types that fit', isGeneral: true, accepts: (input) => isSameAndValid(randomOf(input)) },
    { name: 'gateway', isGeneral: true, accepts: (input) => isSameAtGateway(randomOf(input)) },
  ];
}

function randomOf(input: Uint8Array): Random {
  return createRandom(Buffer.concat([input, Buffer.alloc(4)]).readInt32LE(0));
}

function isSameAndValid(random: Random): boolean {
  const world = anyTypedWorld(random);
  const isAllowed = isSameIn(world, random);
  requireConforming(world);
  const answer = cedar.validate({ schema: SCHEMA_TEXT, policies: world.policies as never });
  if (answer.type === 'failure') throw new Error(`Cedar refused: ${JSON.stringify(answer.errors)}`);
  return isAllowed && answer.validationErrors.length === 0;
}

/** Whether the entities and the context are what the schema says. */
function requireConforming({ requests: [request], entities }: World): void {
  const call = { ...request, entities, preparsedPolicySetId: NAME, preparsedSchemaName: NAME } as unknown;
  const answer = cedar.statefulIsAuthorized({
    ...(call as cedar.StatefulAuthorizationCall),
    validateRequest: true,
  });
  if (answer.type === 'failure') throw new Error(`Cedar refused: ${JSON.stringify(answer.errors)}`);
}

/** True if a request was allowed. Throws what differs. */
function isSameIn(world: World, random: Random): boolean {
  const authorizer = createAuthorizer(asWritten(world.policies, random.below(3)));
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
    requireSame(describeAnswer(ours), theirs(request), { world, request });
    return ours.allowed;
  });
  return answers.includes(true);
}

/** Cedar parses policies and schemas once under one name: it never forgets a name. */
const NAME = 'fuzzed';

function oracleOf({ policies, entities }: World): (request: RequestInJson) => string {
  const parsed = cedar.preparsePolicySet(NAME, policies as never);
  if (parsed.type === 'failure') throw new Error(`Cedar refused: ${JSON.stringify(parsed.errors)}`);
  return (request) => {
    const call = { ...request, preparsedPolicySetId: NAME, entities } as unknown;
    const answer = cedar.statefulIsAuthorized(call as cedar.StatefulAuthorizationCall);
    if (answer.type === 'failure') throw new Error(`Cedar refused: ${JSON.stringify(answer.errors)}`);
    return describeAnswer(answer.response);
  };
}
