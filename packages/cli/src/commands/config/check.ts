// `gatehouse config check [FILE]`: prints all mistakes in a configuration that would stop the server. Loads
// the server for its schema, but does not start it.
import type { CheckedConfiguration } from '@gatehouse/server';
import { exitStatus, usageError } from '../../exit-status.ts';
import { print, printJson, remark, visible } from '../../output/print.ts';
import type { CliContext, CliProcess } from '../../process.ts';
import { counted, summaryLine } from './summary.ts';

export interface ConfigCheckFlags {
  upstream?: string;
  set?: readonly string[];
  json?: boolean;
}

export async function configCheck(this: CliContext, flags: ConfigCheckFlags, file?: string): Promise<void> {
  const { checkConfiguration, findConfigurationFile } = await import('@gatehouse/server');
  const { upstream, set = [], json } = flags;
  const path = file ?? findConfigurationFile(undefined);
  if (path === undefined) {
    throw usageError(`there is no gatehouse.config.ts or .json in ${process.cwd()}: name the file to check`);
  }
  const checked = await checkConfiguration({ file: path, upstream, set, environment: this.process.env });
  if (json) printJson(this.process, checked);
  else report(this.process, checked);
  if (checked.problems.length > 0) this.process.exitCode = exitStatus.failed;
}

function report(process: CliProcess, checked: CheckedConfiguration): void {
  const { file, problems, warnings } = checked;
  for (const warning of warnings) remark(process, `warning: ${visible(warning)}`);
  for (const problem of problems) remark(process, visible(problem));
  if (problems.length === 0) print(process, `${summaryLine(checked)}: no mistakes found.`);
  else remark(process, `gatehouse: ${visible(file ?? '')} has ${counted(problems.length, 'problem')}`);
}
