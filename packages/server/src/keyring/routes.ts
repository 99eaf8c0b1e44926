// The admin API of the keyring.
import { z } from 'zod';
import { json } from '../platform/http/answer.ts';
import type { Route } from '../platform/http/route.ts';
import { actorOf, route } from '../platform/http/route.ts';
import { timestamp, toTimestamp } from '../platform/http/schemas.ts';
import type { Keyring } from './keyring.ts';
import type { MasterKeyRotation } from './master-key-rotation.ts';
import type { SigningKeyRow } from './store.ts';

const signingKeyView = z.object({
  use: z.string().describe('What it signs: access-token, assertion or answer'),
  kid: z.string().describe('Its thumbprint (RFC 7638), the same as in the key set'),
  state: z.enum(['next', 'active', 'retiring']),
  createdAt: timestamp,
  signsAt: timestamp.describe('When it began or will begin to sign'),
  endsAt: timestamp.nullable().describe('When it no longer verifies'),
});

/** A signing key of the server, without its secret. */
export type SigningKeyView = z.output<typeof signingKeyView>;

const rotatedMasterKeyView = z.object({
  kid: z.string().describe('Identifies the new key'),
  fileToShorten: z.string().nullable().describe('The file from which you can remove the older keys'),
});

/** The outcome of a rotation of the master key. */
export type RotatedMasterKeyView = z.output<typeof rotatedMasterKeyView>;

export function keyringRoutes(keyring: Keyring, masterKey: MasterKeyRotation): Route[] {
  const all = () => json(keyring.list().map(viewOf));
  return [
    route({
      name: 'listSigningKeys',
      method: 'GET',
      path: '/admin/keyring',
      permission: 'keyring:List',
      summary: 'List the keys that sign access tokens, assertions and answers, without their secrets',
      answers: { 200: z.array(signingKeyView) },
      handle: all,
    }),
    route({
      name: 'rotateSigningKey',
      method: 'POST',
      path: '/admin/keyring/rotate',
      permission: 'keyring:Rotate',
      summary: 'Replace the signing key of one use; signatures of the old key stay valid',
      body: z.strictObject({
        use: z.string().describe('access-token, assertion, answer or ledger'),
        leaked: z.boolean().default(false).describe('Refuse the old keys and all their signatures at once'),
      }),
      answers: { 200: z.array(signingKeyView) },
      async handle(call) {
        await keyring.rotate({ ...call.body, actor: actorOf(call) });
        return all();
      },
    }),
    route({
      name: 'rotateMasterKey',
      method: 'POST',
      path: '/admin/keyring/master-key/rotate',
      permission: 'keyring:RotateMasterKey',
      summary: 'Seal every secret under a new master key',
      answers: { 200: rotatedMasterKeyView },
      async handle(call) {
        const { id, fileToShorten = null } = await masterKey.rotate(actorOf(call));
        return json({ kid: id, fileToShorten });
      },
    }),
  ];
}

function viewOf({ use, kid, state, created_at, signs_at, ends_at }: SigningKeyRow): SigningKeyView {
  return {
    use,
    kid,
    state,
    createdAt: toTimestamp(created_at),
    signsAt: toTimestamp(signs_at),
    endsAt: ends_at === null ? null : toTimestamp(ends_at),
  };
}
