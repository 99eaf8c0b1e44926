// The two transports. Each is loaded only when it is needed, because Node cannot run the one for Bun.
import type { Transport } from './transport.ts';

export type * from './transport.ts';

/** Only in Bun. */
export async function createBunTransport(): Promise<Transport> {
  const bun = await import('./bun.ts');
  return bun.createBunTransport();
}

/** Only in Node. */
export async function createNodeTransport(): Promise<Transport> {
  const node = await import('./node.ts');
  return node.createNodeTransport();
}
