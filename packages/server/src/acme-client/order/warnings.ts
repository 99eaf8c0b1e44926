// Finds files in the settings that are missing or not valid, because an order would fail. A start accepts
// them, because the files may come later.
import { accessSync, constants } from 'node:fs';
import { readExternalAccount } from '../account/external-account.ts';
import { OrderFailure } from '../failure.ts';
import type { OrderSettings } from '../settings.ts';
import { rootsIn } from './obtain.ts';

/** The warnings, each a sentence. */
export function orderWarnings({ names, trust, eab, hook }: OrderSettings): string[] {
  const checks = [
    () => trust !== undefined && rootsIn(trust),
    () => eab && readExternalAccount(eab),
    () => hook !== undefined && requireProgram(hook),
  ];
  return checks.flatMap((check) => {
    try {
      check();
      return [];
    } catch (error) {
      return [`Certificate ${names[0]} cannot be ordered: ${(error as Error).message}`];
    }
  });
}

function requireProgram(hook: string): void {
  try {
    accessSync(hook, constants.X_OK);
  } catch (error) {
    const isThere = (error as NodeJS.ErrnoException).code === 'EACCES';
    const reason = isThere ? 'this user may not run it' : 'there is no such program';
    throw new OrderFailure(`${hook} (hook) cannot be run: ${reason}.`, { cause: error });
  }
}
