// A data plane process with a gateway that serves no requests, for tests of the link and of the process.
import { runDataPlane } from '../../src/process/process.ts';

interface StubSettings {
  /** What the gateway does. */
  behaviour?: 'cannot listen' | 'counts' | 'dies' | 'hangs' | 'logs';
}

runDataPlane<StubSettings>({
  streams: { input: process.stdin, output: process.stdout },
  createGateway: ({ copies, log, handshake, facts, counts }, { behaviour }) => ({
    connections: () => 7,
    async listen() {
      copies.snapshot();
      if (behaviour === 'cannot listen') throw Object.assign(new Error('in use'), { code: 'EADDRINUSE' });
      if (behaviour === 'dies') throw setImmediate(() => process.abort());
      if (behaviour === 'counts') counts.unreadable(400);
      if (behaviour === 'logs') {
        log.event('gateway.runtime', { runtime: 'Bun' in globalThis ? 'bun' : 'node' });
        handshake({
          time: 1,
          address: '127.0.0.1',
          sni: undefined,
          tls: undefined,
          durationMs: 2,
          failure: 'no',
        });
        void facts
          .record({ type: 'keyUsed', id: 'k1', name: 'ann', address: '127.0.0.1', requestId: 'r1' })
          .then(
            () => log.event('disk.full'),
            ({ code }) => log.event('disk.no_reserve', { error: String(code) }),
          );
      }
      return 443;
    },
    async sectionsChanged() {
      // Without taking processor time, and for good.
      if (behaviour === 'hangs') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    },
    async drain() {},
  }),
  exit: (error) => process.exit(error ? 1 : 0),
});
