// What can go wrong with sealed requests.
import { ClientError } from '../errors.ts';

/** The keys of the gateway cannot be trusted. Nothing was sent. */
export function untrusted(reason: string, cause?: unknown): ClientError {
  return new ClientError('seal_trust', `refused the keys of the gateway: ${reason}`, { cause });
}

/** The answer cannot be opened, is not complete, or does not come from the gateway. */
export function broken(reason: string, cause?: unknown): ClientError {
  return new ClientError('seal_broken', `the sealed answer cannot be used: ${reason}`, { cause });
}
