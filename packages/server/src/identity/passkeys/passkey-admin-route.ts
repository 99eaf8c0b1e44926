// Passkeys of users in the admin API.
import { z } from 'zod';
import { noContent } from '../../platform/http/answer.ts';
import type { Route } from '../../platform/http/route.ts';
import { actorOf, route } from '../../platform/http/route.ts';
import type { Passkeys } from './passkeys.ts';

export function passkeyAdminRoute(passkeys: Pick<Passkeys, 'remove'>): Route {
  return route({
    name: 'removeUserPasskey',
    method: 'DELETE',
    path: '/admin/users/:name/passkeys/:id',
    permission: 'identity:RemovePasskey',
    summary: 'Remove a passkey of a user who has lost it',
    description: 'The passkey no longer works. The sessions that began with it end before the answer.',
    params: z.object({ name: z.string(), id: z.string().describe('The id in `passkeys` of the user') }),
    answers: { 204: null },
    async handle(call) {
      const { name: user, id } = call.params;
      await passkeys.remove({ user, id }, actorOf(call));
      return noContent();
    },
  });
}
