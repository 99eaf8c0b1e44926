// The transport on Node's sockets: `tls.createServer`, and `onread` with one buffer for all upstreams.

import { nodeListen } from './node-listener.ts';
import { createNodeConnect } from './node-upstream.ts';
import { createTimeLimits } from './time-limits.ts';
import type { Transport } from './transport.ts';

export function createNodeTransport(): Transport {
  return { name: 'node', listen: nodeListen, connect: createNodeConnect(createTimeLimits()) };
}
