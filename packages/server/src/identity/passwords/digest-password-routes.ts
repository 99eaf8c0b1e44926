// Passwords for Digest in the admin API.
import { json, noContent } from '../../platform/http/answer.ts';
import type { Route } from '../../platform/http/route.ts';
import { actorOf, route } from '../../platform/http/route.ts';
import { named } from '../names.ts';
import { digestPasswordSchema } from '../views.ts';
import type { DigestPasswords } from './digest-passwords.ts';

export function digestPasswordRoutes(passwords: DigestPasswords): Route[] {
  return [
    route({
      name: 'createDigestPassword',
      method: 'POST',
      path: '/admin/users/:name/digest-password',
      permission: 'identity:CreateDigestPassword',
      summary: 'Make an app password, for the ways in digest (RFC 7616) and basic (RFC 7617)',
      description: 'It replaces the previous one. Requests in progress with the previous one end.',
      params: named,
      answers: { 201: digestPasswordSchema },
      async handle(call) {
        const { name } = call.params;
        return json({ name, password: await passwords.create(name, actorOf(call)) }, 201);
      },
    }),
    route({
      name: 'removeDigestPassword',
      method: 'DELETE',
      path: '/admin/users/:name/digest-password',
      permission: 'identity:RemoveDigestPassword',
      summary: 'Remove the app password',
      params: named,
      answers: { 204: null },
      async handle(call) {
        await passwords.remove(call.params.name, actorOf(call));
        return noContent();
      },
    }),
  ];
}
