// The program of a data plane process. The server starts it on Bun or on Node, with the link on its standard
// input and output (docs/wire/data-plane-link.md).
import { createGateway } from './gateway.ts';
import { runDataPlane } from './process/process.ts';
import type { DataPlaneSettings } from './settings.ts';
import { createBunTransport, createNodeTransport } from './transport/index.ts';

const transport = 'Bun' in globalThis ? createBunTransport() : createNodeTransport();

runDataPlane<DataPlaneSettings>({
  streams: { input: process.stdin, output: process.stdout },
  createGateway: (deps, settings) => createGateway({ ...deps, transport }, settings),
  exit(error) {
    if (error) process.stderr.write(`${error.message}\n`);
    process.exit(error ? 1 : 0);
  },
});

// Terminals and service managers send signals to all processes of a group. But only the server stops this
// process, after it has drained it.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
