// The transport on Node's sockets: `tls.createServer`, and `onread` with one buffer for all upstreams.
import { setDefaultHighWaterMark } from 'node:stream';
import { nodeListen } from './node-listener.ts';
import { createNodeConnect } from './node-upstream.ts';
import { createTimeLimits } from './time-limits.ts';
import type { Transport } from './transport.ts';

/** How much may wait in a socket before its writer must stop. TLS sockets have no such option. */
const WAITING_OCTETS = 16 * 1024;

/** Sets Node's default for all streams of this process. */
export function createNodeTransport(): Transport {
  setDefaultHighWaterMark(false, WAITING_OCTETS);
  return { name: 'node', listen: nodeListen, connect: createNodeConnect(createTimeLimits()) };
}
