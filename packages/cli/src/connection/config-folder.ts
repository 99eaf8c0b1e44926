// Where a user's own files of this command are: `$XDG_CONFIG_HOME/gatehouse`, otherwise
// `~/.config/gatehouse`.
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Undefined for a user without a home folder, as in some containers. */
export function configFolder({ XDG_CONFIG_HOME, HOME }: NodeJS.ProcessEnv): string | undefined {
  if (XDG_CONFIG_HOME) return join(XDG_CONFIG_HOME, 'gatehouse');
  const home = HOME || homeOfUser();
  return home === undefined ? undefined : join(home, '.config', 'gatehouse');
}

/** `homedir` throws if the system does not know the user. */
function homeOfUser(): string | undefined {
  try {
    return homedir();
  } catch {
    return undefined;
  }
}
