// Changes of the configuration and deaths of workers under load. No request fails because of a change. Only
// the requests of a dead worker fail. `npm run soak -- changes` and `npm run soak -- reloads` make more of
// them.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { makeChanges } from '../soak/load/changes.ts';
import { killDataPlanes } from '../soak/load/deaths.ts';
import { runReloads } from '../soak/load/reload-soak.ts';
import type { LoadTarget } from '../soak/load/steady-load.ts';
import { startLoad } from '../soak/load/steady-load.ts';
import type { Up } from '../support/gatehouse-command.ts';
import { up } from '../support/gatehouse-command.ts';
import { WITHOUT_PROC } from '../support/process-facts.ts';
import { onTransport, TRANSPORTS } from '../support/transports.ts';
import { startRecordingUpstream } from '../support/upstreams.ts';

const CHANGES = 26;
const RELOADS = 8;
const DEATHS = 4;
const CLIENTS = 8;
/** A pause of the clients, which leaves time for the tested parts. */
const PAUSE_MS = 20;

const upstream = await startRecordingUpstream();
after(upstream.close);

for (const transport of TRANSPORTS) {
  describe(`under load, transport ${transport}`, () => {
    let server: Up;
    let target: LoadTarget;

    before(async () => {
      server = await up({ upstream: upstream.origin, set: ['gateway.workers=2', ...onTransport(transport)] });
      target = { ...server, apiKey: await server.key('user'), pauseMs: PAUSE_MS };
    });
    after(() => server.stop());

    it('no request fails because of a change, and each change is in force before its answer', async () => {
      const load = startLoad(target, CLIENTS);
      const faults = await makeChanges(server, CHANGES);
      const { failures, served } = await load.stop();
      assert.deepEqual(faults, []);
      assert.deepEqual(failures, []);
      assert.ok(served > CHANGES);
    });

    it('no request fails because of a reload, and each configuration is in force before its answer', async () => {
      const { faults, served } = await runReloads({
        count: RELOADS,
        clients: CLIENTS,
        set: onTransport(transport),
        pauseMs: PAUSE_MS,
      });
      assert.deepEqual(faults, []);
      assert.ok(served > RELOADS);
    });

    it('a death fails only the requests of its worker', { skip: WITHOUT_PROC }, async () => {
      const load = startLoad(target, CLIENTS);
      const { failures } = await killDataPlanes(server, load, DEATHS);
      await load.stop();
      // Each client has one request under way.
      assert.ok(
        failures.every((count) => count <= CLIENTS),
        `failed requests by death: ${failures}`,
      );
    });
  });
}
