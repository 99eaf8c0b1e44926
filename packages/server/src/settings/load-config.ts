// The settings in force: the settings of all sources, checked against the schema. An unknown or invalid
// setting stops the start with one line.
import { GatehouseError } from '@gatehouse/access';
import type { Config } from '../config.ts';
import { configSchema } from '../config.ts';
import type { ConfigSources, WrittenSettings } from '../configuration/index.ts';
import { settingPaths as pathsIn, problemsIn, readSources } from '../configuration/index.ts';

export type { ConfigSources, WrittenSettings } from '../configuration/index.ts';

export interface LoadedConfig {
  config: Config;
  written: WrittenSettings;
}

/** Throws `config_unknown`, `config_invalid` or `config_unreadable`. */
export async function loadConfig(sources: ConfigSources): Promise<LoadedConfig> {
  const written = await readSources(configSchema, sources);
  const read = parseSettings(written);
  if (Array.isArray(read)) throw firstOf(read);
  return { config: read, written };
}

/** The settings, or all mistakes in them. */
export function parseSettings({ tree }: Pick<WrittenSettings, 'tree'>): Config | GatehouseError[] {
  const result = configSchema.safeParse(tree, { reportInput: true });
  return result.success ? result.data : problemsIn(configSchema, tree, result.error);
}

/** The path of every setting. */
export function settingPaths(): string[][] {
  return pathsIn(configSchema);
}

function firstOf(problems: readonly GatehouseError[]): GatehouseError {
  return problems[0] ?? new GatehouseError('config_invalid', 'The configuration is not valid.');
}
