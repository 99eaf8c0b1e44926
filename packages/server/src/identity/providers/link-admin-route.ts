// Links with sign-in providers in the admin API.
import { z } from 'zod';
import { noContent } from '../../platform/http/answer.ts';
import type { Route } from '../../platform/http/route.ts';
import { actorOf, route } from '../../platform/http/route.ts';
import type { Links } from './links.ts';

export function linkAdminRoute(links: Pick<Links, 'remove'>): Route {
  return route({
    name: 'unlinkProvider',
    method: 'DELETE',
    path: '/admin/users/:name/providers/:provider',
    permission: 'identity:UnlinkProvider',
    summary: 'Remove the link of a user with a sign-in provider',
    description: 'The sessions that came from it end before the answer, also at every worker.',
    params: z.object({ name: z.string(), provider: z.string() }),
    answers: { 204: null },
    async handle(call) {
      const { name: user, provider } = call.params;
      await links.remove({ user, provider }, actorOf(call));
      return noContent();
    },
  });
}
