// A separate program. It runs starts that must fail, one after the other, each with the settings in a member
// of the second argument, a JSON array. Prints a JSON line for each, with the reason why it does not start.
// It never exits by itself while a part of them still runs.
import { join } from 'node:path';
import { GatehouseError } from '@gatehouse/access';
import { serve } from '../../src/index.ts';

const [folder = '', all = '[]'] = process.argv.slice(2);
for (const [index, set] of (JSON.parse(all) as string[][]).entries()) {
  const refused = await serve({ data: join(folder, String(index)), set, environment: process.env }).then(
    () => ({ message: 'it started' }),
    (error: unknown) =>
      error instanceof GatehouseError
        ? { code: error.code, message: error.message }
        : { message: String(error) },
  );
  process.stdout.write(`${JSON.stringify(refused)}\n`);
}
process.exitCode = 1;
