// The entry point of the gatehouse command.
import process from 'node:process';
import { runApplication } from './application.ts';
import { endQuietlyOnClosedPipe, exitWithParent } from './process.ts';

exitWithParent(process);
endQuietlyOnClosedPipe(process);
await runApplication(process.argv.slice(2), process);
