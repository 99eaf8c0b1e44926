// The settings in force, in the form that a person would write, with their defaults and their sources.
import { configSchema } from '../config.ts';
import type { WrittenSettings } from '../configuration/index.ts';
import { defaultAt, valueAt } from '../configuration/index.ts';
import { settingPaths } from './load-config.ts';
import { isReloadable } from './reloadable.ts';

export interface ShownSetting {
  name: string;
  /** Null: it is not set, and has no fixed default. */
  value: unknown;
  /** `default`, `file`, `--set`, `--upstream`, or the name of a variable. */
  source: string;
  /** Whether a reload applies a changed value. */
  reloads: boolean;
}

/** Settings that need a restart have their values of the start. */
export function shownSettings(written: {
  started: WrittenSettings;
  current: WrittenSettings;
}): ShownSetting[] {
  return settingPaths().map((path) => {
    const name = path.join('.');
    const reloads = isReloadable(name);
    const { tree, origins } = reloads ? written.current : written.started;
    const value = valueAt(tree, path) ?? defaultAt(configSchema, path) ?? null;
    return { name, value: withoutSecrets(value, name), source: origins.get(name) ?? 'default', reloads };
  });
}

/** The paths of files with secrets are no secrets: passphraseFile. */
const SECRET = /(?:password|passphrase|secret|token)$/i;

function withoutSecrets(value: unknown, name: string): unknown {
  if (SECRET.test(name) && value !== null) return '(hidden)';
  if (Array.isArray(value)) return value.map((each) => withoutSecrets(each, ''));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, withoutSecrets(member, key)]));
}
