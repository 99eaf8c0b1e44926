// The entry point of the gatehouse command.
import process from 'node:process';
import { runApplication } from './application.ts';
import { completeFileOutput } from './output/file-output.ts';
import { exitWithParent } from './process.ts';

exitWithParent(process);
completeFileOutput(process);
await runApplication(process.argv.slice(2), process);
