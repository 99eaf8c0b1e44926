// Groups in the admin API.
import { z } from 'zod';
import { json, noContent } from '../../platform/http/answer.ts';
import type { Route } from '../../platform/http/route.ts';
import { actorOf, route } from '../../platform/http/route.ts';
import type { RoleWarnings } from '../../platform/known-roles.ts';
import { caution, named, newState, principalName, roleNames } from '../names.ts';
import type { ChangedGroupView } from '../views.ts';
import {
  changedGroupSchema,
  groupSchema,
  groupView,
  groupWithMembersSchema,
  groupWithMembersView,
} from '../views.ts';
import type { Groups, GroupWithMembers } from './groups.ts';

const noRoles = z.union([roleNames, z.array(z.string()).max(0)], { error: 'must be a list of role names' });
const members = z.array(z.string().max(64)).max(1000);

const newGroup = z.strictObject({
  name: principalName,
  roles: noRoles.default([]).describe('The roles of each member'),
  members: members.default([]).describe('Names of users'),
});
const groupChange = z.strictObject({
  roles: noRoles.optional().describe('All new roles; default: no change'),
  addMembers: members.default([]),
  removeMembers: members.default([]),
});

export function groupRoutes(groups: Groups, warningsFor: RoleWarnings): Route[] {
  const changedView = (group: GroupWithMembers, given: readonly string[] = []): ChangedGroupView => ({
    ...groupWithMembersView(group),
    warnings: warningsFor(given),
  });
  return [
    route({
      name: 'listGroups',
      method: 'GET',
      path: '/admin/groups',
      permission: 'identity:ListGroups',
      summary: 'List groups of users',
      answers: { 200: z.array(groupSchema) },
      handle: async () => json((await groups.list()).map(groupView)),
    }),
    route({
      name: 'createGroup',
      method: 'POST',
      path: '/admin/groups',
      permission: 'identity:CreateGroup',
      summary: 'Create a group',
      body: newGroup,
      answers: { 201: changedGroupSchema },
      handle: async (call) =>
        json(changedView(await groups.create(call.body, actorOf(call)), call.body.roles), 201),
    }),
    route({
      name: 'showGroup',
      method: 'GET',
      path: '/admin/groups/:name',
      permission: 'identity:ShowGroup',
      summary: 'Show a group and its members',
      params: named,
      answers: { 200: groupWithMembersSchema },
      handle: async (call) => json(groupWithMembersView(await groups.show(call.params.name))),
    }),
    route({
      name: 'changeGroup',
      method: 'POST',
      path: '/admin/groups/:name',
      permission: 'identity:ChangeGroup',
      summary: 'Change the roles and members of a group',
      description: 'In force at once, also for access tokens and certificates that the members have.',
      params: named,
      query: caution,
      body: groupChange,
      answers: { 200: changedGroupSchema },
      async handle(call) {
        const group = await groups.change(call.params.name, call.body, actorOf(call), call.query);
        return json(changedView(group, call.body.roles));
      },
    }),
    route({
      name: 'setGroupDisabled',
      method: 'PUT',
      path: '/admin/groups/:name/disabled',
      permission: 'identity:SetGroupDisabled',
      summary: 'Disable a group, or enable it again',
      description:
        'The members of a disabled group do not have its roles, and for policies they are not members. In force at once.',
      params: named,
      query: caution,
      body: newState,
      answers: { 200: groupSchema },
      async handle(call) {
        const { params, body, query } = call;
        const group = await groups.setDisabled(params.name, body.disabled, actorOf(call), query);
        return json(groupView(group));
      },
    }),
    route({
      name: 'removeGroup',
      method: 'DELETE',
      path: '/admin/groups/:name',
      permission: 'identity:RemoveGroup',
      summary: 'Remove a group; its members remain users',
      params: named,
      query: caution,
      answers: { 204: null },
      async handle(call) {
        await groups.remove(call.params.name, actorOf(call), call.query);
        return noContent();
      },
    }),
  ];
}
