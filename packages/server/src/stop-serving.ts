// The end of serving: the gateway drains first, and the control listener meanwhile says that the server is
// not ready. Then the requests of the control plane get the rest of the time.
import type { Supervisor } from './gateway/index.ts';
import type { Monitoring } from './monitoring/index.ts';
import type { Listener } from './platform/listening/control-server.ts';

export interface Serving {
  /** Undefined if the start failed before. */
  gateway: Pick<Supervisor, 'drain'> | undefined;
  listeners: readonly Pick<Listener, 'close'>[];
  monitoring: Pick<Monitoring, 'drain'>;
}

const GRACE_SECONDS = 7;
/** The time for requests of the control plane if the gateway used all of the time. */
const LAST_GRACE_SECONDS = 1;

/**
 * Refuses new requests, first at the gateway, then everywhere. Ends requests that run longer than eight
 * seconds.
 */
export async function stopServing({ gateway, listeners, monitoring }: Serving): Promise<void> {
  const end = performance.now() + GRACE_SECONDS * 1000;
  monitoring.drain();
  await gateway?.drain(GRACE_SECONDS);
  const restSeconds = Math.max(LAST_GRACE_SECONDS, (end - performance.now()) / 1000);
  await Promise.all(listeners.map((listener) => listener.close(restSeconds)));
}
