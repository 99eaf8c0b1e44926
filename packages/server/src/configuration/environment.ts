// Settings in the environment: GATEHOUSE_GATEWAY_LISTEN is gateway.listen. Refuses variables that look like a
// setting and are none.
import { GatehouseError } from '@gatehouse/access';
import { comparable } from './nearest.ts';
import { isServiceLink } from './service-links.ts';
import { parseValue } from './tree.ts';

// Names with our prefix that are not settings.
const RESERVED = new Set(['GATEHOUSE_DATA', 'GATEHOUSE_MASTER_KEY_FILE', 'GATEHOUSE_VECTORS']);
const PREFIX = 'GATEHOUSE_';

export interface EnvironmentSetting {
  path: readonly string[];
  value: unknown;
  /** Of the variable. */
  name: string;
}

/** `paths` are those of all settings. Throws `config_unknown`. */
export function environmentSettings(
  environment: NodeJS.ProcessEnv,
  paths: readonly (readonly string[])[],
): EnvironmentSetting[] {
  const known = new Map(paths.map((path) => [comparable(path.join('')), path]));
  return Object.entries(environment).flatMap(([name, value]): EnvironmentSetting[] => {
    if (!name.startsWith(PREFIX) || RESERVED.has(name) || value === undefined) return [];
    if (isServiceLink(name, value)) return [];
    const rest = name.slice(PREFIX.length);
    const path = known.get(comparable(rest));
    if (path) return [{ path, value: parseValue(name, value), name }];
    // A setting has at least two words. A variable with only one belongs to another program.
    if (!rest.includes('_')) return [];
    throw new GatehouseError(
      'config_unknown',
      `Unknown setting ${name} in the environment: unset or correct it.`,
    );
  });
}
