// Settings in the environment: GATEHOUSE_GATEWAY_LISTEN is gateway.listen. Refuses variables that look like a
// setting but are none.
import { GatehouseError } from '@gatehouse/access';
import { comparable, nearest } from './nearest.ts';
import { isServiceLink } from './service-links.ts';
import { parseValue } from './tree.ts';

// Names with our prefix that are not settings.
const RESERVED = new Set(['GATEHOUSE_DATA', 'GATEHOUSE_MASTER_KEY_FILE', 'GATEHOUSE_VECTORS']);
const PREFIX = 'GATEHOUSE_';

export interface EnvironmentSetting {
  path: readonly string[];
  value: unknown;
  /** The name of the variable. */
  name: string;
}

/** `paths`: the paths of all settings. Throws `config_unknown`. */
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
    // A setting has at least two words. A variable with only one belongs to another program, unless it is
    // the name of a setting without its block, or of an option.
    if (!rest.includes('_') && rest !== 'CONFIG' && !known.has(comparable(`gateway${rest}`))) return [];
    throw unknownVariable(name, rest, paths);
  });
}

function unknownVariable(name: string, rest: string, paths: readonly (readonly string[])[]): GatehouseError {
  const names = paths.map(nameOf);
  const near = nearest(rest, names) ?? names.find((each) => each === `GATEWAY_${rest}`);
  const meant = rest === 'CONFIG' ? '--config FILE' : near && `${PREFIX}${near}`;
  const question = meant === undefined ? '' : ` (did you mean ${meant}?)`;
  const detail = `Unknown setting ${name} in the environment${question}: unset or correct it.`;
  return new GatehouseError('config_unknown', detail);
}

/** `gateway.maxConnections` is GATEWAY_MAX_CONNECTIONS. */
function nameOf(path: readonly string[]): string {
  return path.map((part) => part.replaceAll(/[A-Z]/g, '_$&').toUpperCase()).join('_');
}
