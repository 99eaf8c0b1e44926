// Errors of Oblivious HTTP. They say little on purpose: an attacker must not learn why a message failed.
import { ProtocolError } from '../errors.ts';

/**
 * A message or a key configuration that cannot be used.
 * @example
 * if (error instanceof ObliviousError && error.code === 'ohttp_unknown_key') await fetchConfiguration();
 */
export class ObliviousError extends ProtocolError<
  'ohttp_invalid' | 'ohttp_unknown_key' | 'ohttp_configuration_invalid'
> {}

/** All failures of a message look alike. */
export function invalidSealed(): ObliviousError {
  return new ObliviousError('ohttp_invalid', 'The sealed message cannot be opened.');
}

export function invalidConfiguration(detail: string): ObliviousError {
  return new ObliviousError('ohttp_configuration_invalid', detail);
}
