// The transport on Bun's raw sockets (tested with Bun 1.4.5). It needs Bun; Node cannot run it.
import { createBufferLimits } from './bun-buffer-limits.ts';
import { bunListen } from './bun-listener.ts';
import { createBunConnect } from './bun-upstream.ts';
import { createTimeLimits } from './time-limits.ts';
import type { Transport } from './transport.ts';

export async function createBunTransport(): Promise<Transport> {
  const limits = createTimeLimits();
  const buffers = await createBufferLimits();
  return {
    name: 'bun',
    listen: async (options, accept) => bunListen(options, accept, { limits, buffers }),
    connect: createBunConnect({ limits, buffers }),
  };
}
