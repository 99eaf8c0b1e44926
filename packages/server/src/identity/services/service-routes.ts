// Services in the admin API.
import type { Clock } from '@gatehouse/access';
import { z } from 'zod';
import { json, noContent } from '../../platform/http/answer.ts';
import type { Route } from '../../platform/http/route.ts';
import { actorOf, route } from '../../platform/http/route.ts';
import type { RoleWarnings } from '../../platform/known-roles.ts';
import { keyView } from '../keys/key-views.ts';
import { named, newState, principalName, roleNames } from '../names.ts';
import type { AttributeWarnings } from '../users/attributes.ts';
import { attributeChange } from '../users/attributes.ts';
import {
  changedServiceSchema,
  createdServiceSchema,
  serviceSchema,
  serviceView,
  serviceWithKeysSchema,
} from '../views.ts';
import type { Services } from './services.ts';

const newService = z.strictObject({
  name: principalName,
  roles: roleNames.optional().describe('Default: `user`'),
});

export interface ServiceRouteDeps {
  services: Services;
  clock: Clock;
  warningsFor: RoleWarnings;
  attributeWarnings: AttributeWarnings;
}

export function serviceRoutes(deps: ServiceRouteDeps): Route[] {
  const { services, clock, warningsFor, attributeWarnings } = deps;
  return [
    route({
      name: 'listServices',
      method: 'GET',
      path: '/admin/services',
      permission: 'identity:ListServices',
      summary: 'List services, the owners of API keys and client certificates',
      answers: { 200: z.array(serviceSchema) },
      handle: async () => json((await services.list()).map(serviceView)),
    }),
    route({
      name: 'createService',
      method: 'POST',
      path: '/admin/services',
      permission: 'identity:CreateService',
      summary: 'Register a service',
      description: 'The first API key or certificate for a new name also registers a service.',
      body: newService,
      answers: { 201: createdServiceSchema },
      async handle(call) {
        const service = serviceView(await services.create(call.body, actorOf(call)));
        return json({ ...service, warnings: warningsFor(service.roles) }, 201);
      },
    }),
    route({
      name: 'showService',
      method: 'GET',
      path: '/admin/services/:name',
      permission: 'identity:ShowService',
      summary: 'Show a service and its API keys',
      params: named,
      answers: { 200: serviceWithKeysSchema },
      async handle(call) {
        const { service, keys } = await services.show(call.params.name);
        return json({ ...serviceView(service), keys: keys.map((key) => keyView(key, clock.now())) });
      },
    }),
    route({
      name: 'changeServiceAttributes',
      method: 'POST',
      path: '/admin/services/:name/attributes',
      permission: 'identity:ChangeServiceAttributes',
      summary: 'Set and remove attributes of a service',
      description: 'Applies at once, also to API keys and certificates that the service has.',
      params: named,
      body: attributeChange,
      answers: { 200: changedServiceSchema },
      async handle(call) {
        const service = await services.changeAttributes(call.params.name, call.body, actorOf(call));
        return json({ ...serviceView(service), warnings: await attributeWarnings(service.attributes) });
      },
    }),
    route({
      name: 'setServiceDisabled',
      method: 'PUT',
      path: '/admin/services/:name/disabled',
      permission: 'identity:SetServiceDisabled',
      summary: 'Disable a service, or enable it again',
      description:
        'The API keys and certificates of a disabled service are refused. Requests in progress end.',
      params: named,
      body: newState,
      answers: { 200: serviceSchema },
      async handle(call) {
        const service = await services.setDisabled(call.params.name, call.body.disabled, actorOf(call));
        return json(serviceView(service));
      },
    }),
    route({
      name: 'removeService',
      method: 'DELETE',
      path: '/admin/services/:name',
      permission: 'identity:RemoveService',
      summary: 'Remove a service',
      description:
        'The API keys and certificates of the service are revoked, and its ACME accounts are deactivated.',
      params: named,
      answers: { 204: null },
      async handle(call) {
        await services.remove(call.params.name, actorOf(call));
        return noContent();
      },
    }),
  ];
}
