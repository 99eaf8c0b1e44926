// Users in the admin API.
import { z } from 'zod';
import { json, noContent } from '../../platform/http/answer.ts';
import type { Route } from '../../platform/http/route.ts';
import { actorOf, route } from '../../platform/http/route.ts';
import { toTimestamp } from '../../platform/http/schemas.ts';
import type { RoleWarnings } from '../../platform/known-roles.ts';
import type { Factors } from '../factors/factors.ts';
import { caution, named, newState, principalName, roleNames } from '../names.ts';
import type { Passkeys } from '../passkeys/passkeys.ts';
import type { PasswordResets } from '../passwords/password-resets.ts';
import type { Links } from '../providers/links.ts';
import type { UserInGroups } from '../store/store.ts';
import type { ChangedUserView } from '../views.ts';
import {
  changedUserSchema,
  passwordResetSchema,
  userDetailsSchema,
  userDetailsView,
  userSchema,
  userView,
} from '../views.ts';
import type { AttributeWarnings } from './attributes.ts';
import { attributeChange, newAttributes } from './attributes.ts';
import type { Users } from './users.ts';

const newUser = z.strictObject({
  name: principalName,
  password: z.string(),
  roles: roleNames,
  attributes: newAttributes.optional(),
});
const newPassword = z.strictObject({ password: z.string() });
const newRoles = z.strictObject({ roles: roleNames });
export interface UserRouteDeps {
  users: Users;
  factors: Pick<Factors, 'status'>;
  resets: Pick<PasswordResets, 'create'>;
  /** The URL of the control listener. */
  issuer: string;
  warningsFor: RoleWarnings;
  attributeWarnings: AttributeWarnings;
  links: Pick<Links, 'listOf'>;
  passkeys: Pick<Passkeys, 'listOf'>;
}

export function userRoutes(deps: UserRouteDeps): Route[] {
  const { users, factors, passkeys, resets, issuer, warningsFor, attributeWarnings, links } = deps;
  const changedView = (user: UserInGroups): ChangedUserView => ({
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
        const more = await attributeWarnings(user.attributes);
        return json({ ...userView(user), warnings: [...warningsFor(user.roles), ...more] }, 201);
      },
    }),
    route({
      name: 'showUser',
      method: 'GET',
      path: '/admin/users/:name',
      permission: 'identity:ShowUser',
      summary: 'Show a user, their second factors and their links with sign-in providers',
      params: named,
      answers: { 200: userDetailsSchema },
      async handle({ params: { name } }) {
        const user = await users.show(name);
        const about = {
          factors: await factors.status(name),
          passkeys: await passkeys.listOf(name),
          links: await links.listOf(name),
        };
        return json(userDetailsView(user, about));
      },
    }),
    route({
      name: 'changeUserAttributes',
      method: 'POST',
      path: '/admin/users/:name/attributes',
      permission: 'identity:ChangeUserAttributes',
      summary: 'Set and remove attributes of a user',
      description: 'In force at once, also for access tokens and certificates that the user has.',
      params: named,
      body: attributeChange,
      answers: { 200: changedUserSchema },
      async handle(call) {
        const user = await users.changeAttributes(call.params.name, call.body, actorOf(call));
        return json({ ...userView(user), warnings: await attributeWarnings(user.attributes) });
      },
    }),
    route({
      name: 'createPasswordReset',
      method: 'POST',
      path: '/admin/users/:name/password-reset',
      permission: 'identity:ResetPassword',
      summary: 'Make a link with which a user chooses a new password',
      description: 'It works once, for a short time, and replaces an earlier one.',
      params: named,
      answers: { 201: passwordResetSchema },
      async handle(call) {
        const { name } = call.params;
        const { token, expiresAt } = await resets.create(name, actorOf(call));
        const url = `${issuer}/reset#token=${token}`;
        return json({ name, url, expiresAt: toTimestamp(expiresAt) }, 201);
      },
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
      query: caution,
      body: newRoles,
      answers: { 200: changedUserSchema },
      async handle(call) {
        const { params, body, query } = call;
        const user = await users.setRoles(params.name, body.roles, actorOf(call), query);
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
      query: caution,
      body: newState,
      answers: { 200: userSchema },
      async handle(call) {
        const { params, body, query } = call;
        const user = await users.setDisabled(params.name, body.disabled, actorOf(call), query);
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
      query: caution,
      answers: { 204: null },
      async handle(call) {
        await users.remove(call.params.name, actorOf(call), call.query);
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
