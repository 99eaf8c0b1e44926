// A separate program: a server on the data folder in the first argument, with the settings that follow. It
// prints one JSON line with its addresses, or with the reason why it does not start. SIGTERM stops it. It
// never exits by itself while a part of the server still runs.
import { GatehouseError } from '@gatehouse/access';
import { serve } from '../../src/index.ts';

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
