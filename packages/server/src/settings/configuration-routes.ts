// The configuration in the admin API: the settings in force, and reading the file again.
import { GatehouseError } from '@gatehouse/access';
import { z } from 'zod';
import { json } from '../platform/http/answer.ts';
import type { Route } from '../platform/http/route.ts';
import { actorOf, route } from '../platform/http/route.ts';
import type { ConfigurationState } from './configuration-state.ts';

const summaryMembers = {
  file: z.string().nullable().describe('The path of the configuration file; null: there is none'),
  digest: z.string().nullable().describe('`sha256:` and hex, of the file when it was read'),
  routes: z.int(),
  upstreams: z.int().describe('How many upstreams the routes use'),
};

/** Also a part of `status`. */
export const summarySchema = z.object(summaryMembers);

const reloadSchema = z
  .object({
    ...summaryMembers,
    changed: z.array(z.string()).describe('Settings that now have another value in force'),
    needRestart: z.array(z.string()).describe('Changed settings that need a restart'),
    warnings: z.array(z.string()).describe('Policies in force that do not fit the routes in force'),
  })
  .meta({ id: 'ConfigurationReload' });

const configurationSchema = z
  .object({
    ...summaryMembers,
    settings: z.array(
      z.object({
        name: z.string(),
        value: z.unknown().describe('In the form of the configuration file; null: not set'),
        source: z.string().describe('`default`, `file`, `--set`, `--upstream`, or the name of a variable'),
        reloads: z.boolean().describe('Whether a reload applies a changed value'),
      }),
    ),
  })
  .meta({ id: 'Configuration' });

/** The settings in force. */
export type Configuration = z.output<typeof configurationSchema>;

/** The result of a reload. */
export type ConfigurationReload = z.output<typeof reloadSchema>;

export function configurationRoutes(state: ConfigurationState): Route[] {
  return [
    route({
      name: 'readConfiguration',
      method: 'GET',
      path: '/admin/config',
      permission: 'server:ReadConfiguration',
      summary: 'Read the settings in force, with their defaults and their sources',
      answers: { 200: configurationSchema },
      handle: () => json({ ...state.summary(), settings: state.settings() }),
    }),
    route({
      name: 'reloadConfiguration',
      method: 'POST',
      path: '/admin/config/reload',
      permission: 'server:ReloadConfiguration',
      summary: 'Read the configuration file again. The answer comes when every worker serves it',
      answers: { 200: reloadSchema },
      async handle(call) {
        return json(await state.reload(actorOf(call)).catch(refuse));
      },
    }),
  ];
}

/** The caller is an operator, who needs to know the mistake in the file. */
function refuse(error: unknown): never {
  if (!(error instanceof GatehouseError) || !error.code.startsWith('config_')) throw error;
  throw new GatehouseError('config_refused', `${error.message} The current configuration stays in force.`, {
    cause: error,
  });
}
