// Failures of upstreams, in the form for the client. The cause is for the log only.
import { GatehouseError } from '@gatehouse/access';

export function failed(error: Error): GatehouseError {
  if (error instanceof GatehouseError) return error;
  // Transports report a timeout of the connection with the system's code.
  if ((error as NodeJS.ErrnoException).code === 'ETIMEDOUT') return timedOut(error);
  return new GatehouseError('upstream_failed', 'The upstream failed.', { cause: error });
}

export function timedOut(cause?: Error): GatehouseError {
  return new GatehouseError('upstream_timeout', 'The upstream took too long.', { cause });
}
