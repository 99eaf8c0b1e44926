// Acts after which perhaps no user is an administrator. The server then requires a confirmation.
import type { ManagementFlags } from '../flags.ts';
import type { CliContext } from '../process.ts';
import { confirmed } from './confirmation.ts';
import { withTransport } from './transport.ts';

export interface LastAdministratorFlags extends ManagementFlags {
  lastAdministrator?: boolean;
}

export interface GuardedCall {
  method: string;
  path: string;
  body?: unknown;
}

/**
 * Calls the admin API. At a terminal, it asks if the server requires the confirmation.
 * @example
 * await callGuarded(context, flags, { method: 'DELETE', path: '/admin/users/alice' });
 */
export function callGuarded<T>(
  context: CliContext,
  flags: LastAdministratorFlags,
  { method, path, body }: GuardedCall,
): Promise<T> {
  return withTransport(context, flags, (transport) => {
    const send = (isConfirmed: boolean) =>
      transport.call<T>(method, isConfirmed ? `${path}?lastAdministrator=true` : path, body);
    return flags.lastAdministrator
      ? send(true)
      : confirmed(context.process, 'Continue without an administrator?', send);
  });
}
