// The transports of the data plane. Its tests run once on each.

export type TransportName = 'bun' | 'node';

const CHOSEN = process.env.CONFORMANCE_TRANSPORTS?.split(',') as TransportName[] | undefined;

/** `CONFORMANCE_TRANSPORTS=node` chooses one, for all tests of the gateway. */
export const TRANSPORTS: readonly TransportName[] = CHOSEN ?? ['bun', 'node'];

/**
 * The settings of a server whose test does not depend on the transport. On Linux, the product itself chooses
 * Bun if possible.
 */
export const USUAL_TRANSPORT: readonly string[] = CHOSEN?.join() === 'node' ? onTransport('node') : [];

/**
 * The settings of a server whose test does not depend on the number of workers. Each worker costs time at the
 * start.
 */
export const ONE_WORKER = 'gateway.workers=1';

/** The settings of a server on this transport. */
export function onTransport(name: TransportName): string[] {
  return [`gateway.transport=${name}`];
}
