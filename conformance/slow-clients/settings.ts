// The server in front of slow clients: short limits, so that each kind is cut off within seconds.
import { startRecordingUpstream } from '../support/upstreams.ts';
import { LARGE_BYTES, LARGE_PATH } from './kinds.ts';

export const SLOW_SETTINGS: readonly string[] = [
  'gateway.routes=[{"path":"/*","access":"public"}]',
  'gateway.timeouts.handshake=2s',
  'gateway.timeouts.headers=2s',
  'gateway.timeouts.body=1s',
  'gateway.timeouts.idle=2s',
  'gateway.timeouts.stall=2s',
  'gateway.minBodyBytesPerSecond=1000',
];

/** An upstream whose answers to `LARGE_PATH` are large. */
export async function startLargeUpstream(): Promise<{ origin: string; close(): Promise<void> }> {
  const large = Buffer.alloc(LARGE_BYTES, 'x');
  const upstream = await startRecordingUpstream();
  upstream.on(LARGE_PATH, (_request, response) => void response.end(large));
  return upstream;
}
