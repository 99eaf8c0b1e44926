// Thirty slow clients of each kind at once: each is cut off in time, another client is served meanwhile, and
// memory stays bounded. `npm run soak -- slow-clients` does it with thousands.
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { SLOW_KINDS } from './slow-clients/kinds.ts';
import { runSlowClients } from './slow-clients/run.ts';
import { SLOW_SETTINGS, startLargeUpstream } from './slow-clients/settings.ts';
import { up } from './support/gatehouse-command.ts';
import { WITHOUT_PROC } from './support/process-facts.ts';
import { onTransport, TRANSPORTS } from './support/transports.ts';

const COUNT = 30;
/** The limits in the settings have at most two seconds. The rest is for a busy machine. */
const CUT_WITHIN_MS = 25_000;
const MEMORY_BYTES = 400 * 1024 * 1024;

const upstream = await startLargeUpstream();
after(upstream.close);

describe('slow clients of all kinds at once', { skip: WITHOUT_PROC }, () => {
  for (const transport of TRANSPORTS) {
    it(`are cut off in time, and do not hold up others, transport ${transport}`, async (t) => {
      const server = await up({
        upstream: upstream.origin,
        set: [...SLOW_SETTINGS, ...onTransport(transport)],
      });
      t.after(server.stop);
      const { faults, others, peakMemoryBytes } = await runSlowClients({
        victim: server,
        pid: server.pid,
        kinds: SLOW_KINDS,
        count: COUNT,
        cutWithinMs: CUT_WITHIN_MS,
      });
      assert.deepEqual(faults, {});
      assert.deepEqual(others.failures, []);
      assert.ok(others.waits.length > 20, `only ${others.waits.length} other requests were served`);
      assert.ok(peakMemoryBytes < MEMORY_BYTES, `the processes took ${peakMemoryBytes} octets`);
      t.diagnostic(summary(others.waits, peakMemoryBytes));
    });
  }
});

function summary(waits: readonly number[], memoryBytes: number): string {
  const p99 = waits[Math.floor(waits.length * 0.99)] ?? 0;
  return `${waits.length} other requests, p99 ${Math.round(p99)} ms; memory ${Math.round(memoryBytes / 1024 / 1024)} MB`;
}
