// Disables or enables a user, a service, a group or a client.
import { print, printJson, visible } from '../output/print.ts';
import type { CliContext } from '../process.ts';
import type { LastAdministratorFlags } from './last-administrator.ts';
import { callGuarded } from './last-administrator.ts';
import { withTransport } from './transport.ts';

interface Changed {
  name: string;
}

export interface StateChange {
  /** The path of the user, the service or the client in the admin API. */
  path: string;
  disabled: boolean;
  /** The text before the name in the line for people, such as `client `. */
  kind?: string;
  /** The effect, such as `tokens are refused`. */
  effect?: string;
  /** Whether perhaps no user is an administrator afterwards. */
  concernsAdministrators?: boolean;
}

/**
 * Returns when every worker applies it.
 * @example
 * await setDisabled(context, flags, { path: '/admin/users/alice', disabled: true });
 */
export async function setDisabled(
  context: CliContext,
  flags: LastAdministratorFlags,
  { path, disabled, kind = '', effect, concernsAdministrators = false }: StateChange,
): Promise<void> {
  const [method, place, body] = ['PUT', `${path}/disabled`, { disabled }] as const;
  const changed = concernsAdministrators
    ? await callGuarded<Changed>(context, flags, { method, path: place, body })
    : await withTransport(context, flags, (transport) => transport.call<Changed>(method, place, body));
  if (flags.json) return printJson(context.process, changed);
  const act = disabled ? 'disabled' : 'enabled';
  const meaning = effect === undefined ? '' : `: ${effect}`;
  print(context.process, `${act} ${kind}${visible(changed.name)}${meaning}`);
}
