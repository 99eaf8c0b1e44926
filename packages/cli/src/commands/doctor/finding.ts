// The result of a check of the doctor, and the input of the checks.
import type { Status } from '../../connection/admin-api.ts';
import type { CliContext } from '../../process.ts';

export interface Finding {
  /** A stable name, such as `node` or `ports`. */
  name: string;
  /** `skipped`: it cannot be checked now. */
  state: 'ok' | 'warning' | 'problem' | 'skipped';
  message: string;
  /** What to do; null if nothing. */
  fix: string | null;
  /** A command to copy. */
  command: string | null;
}

/** The input of the checks. */
export interface Patient {
  context: CliContext;
  /** The data folder, absolute. */
  folder: string;
  /** The status of a running server. */
  status: Status | undefined;
  now: Date;
}

export const ok = (name: string, message: string): Finding => finding('ok', name, message);
export const skipped = (name: string, message: string): Finding => finding('skipped', name, message);

export function warning(name: string, message: string, fix: string, command?: string): Finding {
  return finding('warning', name, message, fix, command);
}

export function problem(name: string, message: string, fix: string, command?: string): Finding {
  return finding('problem', name, message, fix, command);
}

function finding(
  state: Finding['state'],
  name: string,
  message: string,
  fix?: string,
  command?: string,
): Finding {
  return { name, state, message, fix: fix ?? null, command: command ?? null };
}
