// Users in the admin API.
import { z } from 'zod';
import { json, noContent } from '../platform/http/answer.ts';
import type { Route } from '../platform/http/route.ts';
import { actorOf, route } from '../platform/http/route.ts';
import { named, principalName, roleNames } from './names.ts';
import type { User } from './store/store.ts';
import type { Users } from './users.ts';
import type { ChangedUserView, RoleWarnings } from './views.ts';
import { changedUserSchema, userSchema, userView } from './views.ts';

const newUser = z.strictObject({ name: principalName, password: z.string(), roles: roleNames });
const newPassword = z.strictObject({ password: z.string() });
const newRoles = z.strictObject({ roles: roleNames });
const newState = z.strictObject({ disabled: z.boolean() });

export function userRoutes(users: Users, warningsFor: RoleWarnings): Route[] {
  const changedView = (user: User): ChangedUserView => ({
    ...userView(user),
    warnings: warningsFor(user.roles),
  });
  return [
    route({
      name: 'listUsers',
      method: 'GET',
      path: '/admin/users',
      permission: 'identity:ListUsers',
      summary: 'List users',
      answers: { 200: z.array(userSchema) },
      handle: async () => json((await users.list()).map(userView)),
    }),
    route({
      name: 'createUser',
      method: 'POST',
      path: '/admin/users',
      permission: 'identity:CreateUser',
      summary: 'Create a user',
      body: newUser,
      answers: { 201: changedUserSchema },
      async handle(call) {
        const user = await users.create(call.body, actorOf(call));
        return json(changedView(user), 201);
      },
    }),
    route({
      name: 'showUser',
      method: 'GET',
      path: '/admin/users/:name',
      permission: 'identity:ShowUser',
      summary: 'Show a user',
      params: named,
      answers: { 200: userSchema },
      handle: async (call) => json(userView(await users.show(call.params.name))),
    }),
    route({
      name: 'setUserRoles',
      method: 'PUT',
      path: '/admin/users/:name/roles',
      permission: 'identity:SetUserRoles',
      summary: 'Give a user other roles',
      description:
        'The new roles apply at once, also to the access tokens and certificates that the user has.',
      params: named,
      body: newRoles,
      answers: { 200: changedUserSchema },
      async handle(call) {
        const user = await users.setRoles(call.params.name, call.body.roles, actorOf(call));
        return json(changedView(user));
      },
    }),
    route({
      name: 'setUserDisabled',
      method: 'PUT',
      path: '/admin/users/:name/disabled',
      permission: 'identity:SetUserDisabled',
      summary: 'Disable a user, or enable them again',
      description:
        'A disabled user may not sign in. Access tokens become void, and certificates are refused. Requests in progress end.',
      params: named,
      body: newState,
      answers: { 200: userSchema },
      async handle(call) {
        const user = await users.setDisabled(call.params.name, call.body.disabled, actorOf(call));
        return json(userView(user));
      },
    }),
    route({
      name: 'removeUser',
      method: 'DELETE',
      path: '/admin/users/:name',
      permission: 'identity:RemoveUser',
      summary: 'Remove a user',
      description:
        'The access tokens of the user become void. The certificates are revoked, and the ACME accounts are deactivated.',
      params: named,
      answers: { 204: null },
      async handle(call) {
        await users.remove(call.params.name, actorOf(call));
        return noContent();
      },
    }),
    route({
      name: 'setPassword',
      method: 'PUT',
      path: '/admin/users/:name/password',
      permission: 'identity:SetPassword',
      summary: 'Give a user another password',
      description: 'The access tokens of the user become void.',
      params: named,
      body: newPassword,
      answers: { 204: null },
      async handle(call) {
        await users.setPassword(call.params.name, call.body.password, actorOf(call));
        return noContent();
      },
    }),
  ];
}
