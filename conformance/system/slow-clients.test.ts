// Thirty slow clients of each kind at once: each is disconnected in time, another client is served meanwhile,
// and memory stays limited. `npm run soak -- slow-clients` does it with thousands.
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { SLOW_KINDS } from '../soak/slow-clients/kinds.ts';
import { runSlowClients, startSlowUpstream } from '../soak/slow-clients/run.ts';
import { slowSettings } from '../soak/slow-clients/settings.ts';
import { up } from '../support/gatehouse-command.ts';
import { WITHOUT_PROC } from '../support/process-facts.ts';
import { onTransport, TRANSPORTS } from '../support/transports.ts';

const COUNT = 30;
const LIMITS = { handshake: 5, headers: 2, body: 2, idle: 2, stall: 2 };
/** Each request of the ordinary client has a handshake. */
const PAUSE_MS = 50;
/** For a busy machine. */
const LATE_SECONDS = 20;
const MEMORY_BYTES = 400 * 1024 * 1024;

const upstream = await startSlowUpstream();
after(upstream.end);

describe('slow clients of all kinds at once', { skip: WITHOUT_PROC }, () => {
  for (const transport of TRANSPORTS) {
    it(`are disconnected in time, and do not delay others, transport ${transport}`, async (t) => {
      const server = await up({
        upstream: `http://127.0.0.1:${upstream.port}`,
        set: [...slowSettings(LIMITS), ...onTransport(transport)],
      });
      t.after(server.stop);
      const { faults, others, peakMemoryBytes } = await runSlowClients({
        port: server.port,
        ca: server.ca,
        pid: server.pid,
        upstreamPort: upstream.port,
        pauseMs: PAUSE_MS,
        kinds: SLOW_KINDS.map(({ name }) => name),
        count: COUNT,
        limits: LIMITS,
        lateSeconds: LATE_SECONDS,
      });
      assert.deepEqual(faults, {});
      assert.deepEqual(others.failures, []);
      assert.ok(others.waits.length > 20, `only ${others.waits.length} other requests were served`);
      assert.ok(peakMemoryBytes < MEMORY_BYTES, `the processes took ${peakMemoryBytes} octets`);
      t.diagnostic(
        `${others.waits.length} other requests; memory ${Math.round(peakMemoryBytes / 2 ** 20)} MB`,
      );
    });
  }
});
