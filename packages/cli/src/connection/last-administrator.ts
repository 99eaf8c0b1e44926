// Acts after which perhaps no user is an administrator. People are asked first; a script gets a warning.
import type { ManagementFlags } from '../flags.ts';
import type { CliContext } from '../process.ts';
import { confirmed, type Question } from './confirmation.ts';
import { withTransport } from './transport.ts';

const QUESTION: Question = { message: 'Continue without an administrator?', withoutTerminal: 'warn' };

export interface LastAdministratorFlags extends ManagementFlags {
  lastAdministrator?: boolean;
}

export interface GuardedCall {
  method: string;
  path: string;
  body?: unknown;
}

/**
 * Calls the admin API. If the act leaves no administrator, it asks at a terminal, and warns without one.
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
      transport.call<T>(method, isConfirmed ? path : `${path}?keepAdministrator=true`, body);
    return flags.lastAdministrator ? send(true) : confirmed(context.process, QUESTION, send);
  });
}
