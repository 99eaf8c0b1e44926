// `gatehouse doctor`: checks everything around a server. Reports for each check whether all is well, or what
// to do. Changes nothing. Exits with 1 if there is a problem.
import { dataFolder } from '../../connection/data-folder.ts';
import { exitStatus } from '../../exit-status.ts';
import { wrap } from '../../output/lines.ts';
import { cell, print, printJson } from '../../output/print.ts';
import type { Style } from '../../output/screen.ts';
import type { CliContext } from '../../process.ts';
import { type ConfigurationFlags, checkSettings } from './configuration.ts';
import { checkClock, checkDisk, checkFolder } from './files.ts';
import { type Finding, type Patient, problem } from './finding.ts';
import { checkRoot } from './root.ts';
import { checkRuntimes } from './runtimes.ts';
import { askServer, checkBackupFile, checkServer } from './server-state.ts';

export interface DoctorFlags extends ConfigurationFlags {
  data?: string;
  backup?: string;
  /** Seconds. */
  backupAge: number;
  json?: boolean;
}

export async function doctor(this: CliContext, flags: DoctorFlags): Promise<void> {
  const { process } = this;
  const folder = dataFolder(flags.data, process.env);
  const now = new Date();
  const { status, findings: asked } = await askServer(this, folder);
  const patient: Patient = { context: this, folder, status, now };
  const groups = await Promise.all([
    safely('runtimes', checkRuntimes),
    safely('configuration', () => checkSettings(patient, flags)),
    safely('data folder', () => checkFolder(patient)),
    safely('disk', () => checkDisk(patient)),
    safely('clock', () => checkClock(patient)),
    safely('root', () => checkRoot(patient)),
    asked,
    safely('server', () => checkServer(patient)),
    flags.backup === undefined ? [] : [await checkBackupFile(flags.backup, flags.backupAge, now)],
  ]);
  const findings = groups.flat();
  const isWell = findings.every(({ state }) => state !== 'problem');
  if (flags.json) printJson(process, { ok: isWell, checks: findings });
  else show(this, findings);
  if (!isWell) process.exitCode = exitStatus.failed;
}

/** If a check itself fails, the others still run. */
async function safely(name: string, check: () => Promise<Finding[]>): Promise<Finding[]> {
  return check().catch((error) => [
    problem(
      name,
      `this could not be checked: ${error instanceof Error ? error.message : String(error)}`,
      'see the message',
    ),
  ]);
}

const STYLES: Readonly<Record<Finding['state'], Style>> = {
  ok: 'green',
  warning: 'yellow',
  problem: 'red',
  skipped: 'dim',
};
const STATE_WIDTH = 9;
const NAME_WIDTH = 15;
const WIDTH = 100;

function show({ process, screen }: CliContext, findings: readonly Finding[]): void {
  const indent = ' '.repeat(STATE_WIDTH + NAME_WIDTH);
  const width = Math.min(screen.columns ?? WIDTH, WIDTH) - indent.length;
  for (const { state, name, message, fix, command } of findings) {
    const [first = '', ...more] = wrap(cell(message), width);
    const word = screen.paint(STYLES[state], state);
    print(process, `${word}${' '.repeat(STATE_WIDTH - state.length)}${name.padEnd(NAME_WIDTH)}${first}`);
    for (const line of more) print(process, `${indent}${line}`);
    if (fix !== null)
      for (const line of wrap(`Fix: ${cell(fix)}.`, width)) print(process, `${indent}${line}`);
    if (command !== null) print(process, `${indent}$ ${screen.paint('cyan', cell(command))}`);
  }
  print(process, `\n${summary(findings)}`);
}

function summary(findings: readonly Finding[]): string {
  const count = (state: Finding['state']) => findings.filter((each) => each.state === state).length;
  const [problems, warnings] = [count('problem'), count('warning')];
  const named = (number: number, what: string) => `${number} ${what}${number === 1 ? '' : 's'}`;
  return `${named(findings.length, 'check')}: ${named(problems, 'problem')}, ${named(warnings, 'warning')}.`;
}
