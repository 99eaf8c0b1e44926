// Run as a program of its own: a server on the data folder named first, with the settings that follow. Says where it stands in
// one JSON line, or why it does not start; SIGTERM stops it. Never exits by itself while something is left running.
import { serve } from '../../src/index.ts';
import { GatehouseError } from '../../src/platform/errors.ts';

const [data, ...set] = process.argv.slice(2);
try {
  const server = await serve({ data, set, environment: process.env });
  process.once('SIGTERM', () => void server.stop());
  say(server.ready);
} catch (error) {
  say(
    error instanceof GatehouseError
      ? { code: error.code, message: error.message }
      : { message: String(error) },
  );
  process.exitCode = 1;
}

function say(what: object): void {
  process.stdout.write(`${JSON.stringify(what)}\n`);
}
