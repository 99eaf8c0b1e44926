// A separate program: it opens the data folder in its argument, says so, and holds it until it is killed.
import { openDataFolder } from '../../src/platform/data-folder/data-folder.ts';

await openDataFolder(process.argv[2] ?? '');
process.stdout.write('held\n');
setInterval(() => {}, 60_000);
