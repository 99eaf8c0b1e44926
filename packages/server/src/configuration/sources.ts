// Merges the settings of all sources: the file, the environment, the command line. Later sources win.
import type { z } from 'zod';
import { environmentSettings } from './environment.ts';
import type { ConfigurationFile } from './file.ts';
import { findConfigurationFile, readConfigurationFile } from './file.ts';
import { settingPaths } from './setting-paths.ts';
import type { Tree } from './tree.ts';
import { assign, parsePair, valueAt } from './tree.ts';

/** The sources of settings. Later sources win. */
export interface ConfigSources {
  /**
   * The configuration file, or `none`; default: gatehouse.config.ts or .json in the working folder, if any.
   */
  file?: string | undefined;
  /** `KEY=VALUE` pairs of the command line. */
  set: readonly string[];
  upstream?: string | undefined;
  environment: NodeJS.ProcessEnv;
}

/** The settings as people wrote them. */
export interface WrittenSettings {
  tree: Tree;
  file: ConfigurationFile | undefined;
  /** Where the value of a setting comes from: `file`, `--set`, `--upstream`, or the name of a variable. */
  origins: ReadonlyMap<string, string>;
}

/** Throws `config_unreadable`, `config_unknown` and `config_invalid`. */
export async function readSources(schema: z.ZodType, sources: ConfigSources): Promise<WrittenSettings> {
  const path = findConfigurationFile(sources.file);
  const file = path === undefined ? undefined : await readConfigurationFile(path);
  const tree = structuredClone(file?.tree ?? {});
  const paths = settingPaths(schema);
  const origins = new Map<string, string>();
  for (const each of paths) if (valueAt(tree, each) !== undefined) origins.set(each.join('.'), 'file');

  function put(place: readonly string[], value: unknown, origin: string): void {
    assign(tree, place, value);
    // `gateway.upstreams.notes` is a part of a setting, and `gateway` has many.
    for (const each of paths) if (overlap(each, place)) origins.set(each.join('.'), origin);
  }

  for (const { path: place, value, name } of environmentSettings(sources.environment, paths)) {
    put(place, value, name);
  }
  for (const pair of sources.set) put(...parsePair(pair), '--set');
  if (sources.upstream !== undefined) put(['gateway', 'upstream'], sources.upstream, '--upstream');
  return { tree, file, origins };
}

function overlap(one: readonly string[], other: readonly string[]): boolean {
  const shorter = Math.min(one.length, other.length);
  return one.slice(0, shorter).every((key, index) => key === other[index]);
}
