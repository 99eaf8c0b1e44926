// The secret of our client at a provider, from a file or from the environment.
import { GatehouseError } from '@gatehouse/access';
import { readingProblem } from '../../platform/problems/file-problem.ts';
import { readTextFile } from '../../platform/text.ts';
import type { ProviderSettings } from './provider-settings.ts';

type SecretSource = Pick<ProviderSettings, 'name' | 'clientSecretFile' | 'clientSecretVariable'>;

/** Node replaces octets that are not UTF-8 with this character in the environment. */
const REPLACEMENT = '\ufffd';

/** Undefined for a public client. Throws `config_invalid`. */
export function readSecret(source: SecretSource, environment: NodeJS.ProcessEnv): string | undefined {
  const { clientSecretFile: file, clientSecretVariable: variable } = source;
  if (file !== undefined) return required(textOf(file, source), `clientSecretFile ${file}`, source);
  if (variable === undefined) return undefined;
  const value = environment[variable] ?? '';
  if (value.includes(REPLACEMENT)) throw notUtf8(variable, source);
  return required(value, `the variable ${variable}`, source);
}

function notUtf8(variable: string, { name }: SecretSource): GatehouseError {
  const message = `identity.providers: the variable ${variable} of ${name} is not text in UTF-8: set it again in UTF-8.`;
  return new GatehouseError('config_invalid', message);
}

function textOf(file: string, { name }: SecretSource): string {
  try {
    return readTextFile(file, 'config_invalid');
  } catch (error) {
    if (error instanceof GatehouseError) throw error;
    const reason = readingProblem(error) ?? (error as Error).message;
    throw new GatehouseError(
      'config_invalid',
      `identity.providers: clientSecretFile ${file} of ${name} cannot be read: ${reason}.`,
      { cause: error },
    );
  }
}

function required(text: string, where: string, { name }: SecretSource): string {
  const secret = text.trim();
  if (secret !== '') return secret;
  throw new GatehouseError(
    'config_invalid',
    `identity.providers: ${where} of ${name} is empty: write the secret of the client there.`,
  );
}
