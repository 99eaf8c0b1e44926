// The transports of the data plane. Its tests run once on each.

export type TransportName = 'bun' | 'node';

const CHOSEN = process.env.CONFORMANCE_TRANSPORTS?.split(',') as TransportName[] | undefined;

/** `CONFORMANCE_TRANSPORTS=node` chooses one. */
export const TRANSPORTS: readonly TransportName[] = CHOSEN ?? ['bun', 'node'];

/** The settings of a server on this transport. */
export function onTransport(name: TransportName): string[] {
  return [`gateway.transport=${name}`];
}
