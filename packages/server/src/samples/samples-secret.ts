// The secret that the sample services share with their clients: the environment variable SECRET_KEY. It is no
// setting, because settings are shown and recorded. Refuses a text that is no key.
import { GatehouseError } from '@gatehouse/access';
import { FernetError, parseFernetKeys } from '@gatehouse/protocol';
import type { Config } from '../config.ts';
import { wantsSamples } from '../places.ts';

/**
 * The keys, or undefined if the variable is not set or there are no sample services. Throws `config_invalid`,
 * without the key.
 */
export function readSecretKeys(config: Config, { SECRET_KEY }: NodeJS.ProcessEnv): string[] | undefined {
  if (SECRET_KEY === undefined || !wantsSamples(config)) return undefined;
  try {
    return parseFernetKeys(SECRET_KEY);
  } catch (error) {
    if (!(error instanceof FernetError)) throw error;
    throw new GatehouseError(
      'config_invalid',
      `The environment variable SECRET_KEY, for the sample services, is not valid. ${error.message} Unset it, or make a key with 'gatehouse fernet key'.`,
      { cause: error },
    );
  }
}
