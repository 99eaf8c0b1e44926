// The import of a configuration file. It imports nothing at run time, so that it loads fast.
import type { UserConfig } from '../config.ts';

/**
 * Gives a configuration file its types. Returns the configuration unchanged.
 * @example
 * export default defineConfig({ gateway: { upstream: 'http://127.0.0.1:3000' } });
 */
export function defineConfig(config: UserConfig): UserConfig {
  return config;
}
