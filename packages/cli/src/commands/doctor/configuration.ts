// The configuration that a start would use, and the ports that it needs. Loads the server for its schema.
import type { TakenAddress } from '@gatehouse/server';
import { type Finding, ok, type Patient, problem, warning } from './finding.ts';
import { holderOfPort } from './port-holder.ts';

export interface ConfigurationFlags {
  config?: string;
  set?: readonly string[];
  upstream?: string;
}

export async function checkSettings(
  { context, folder, status }: Patient,
  { config, set = [], upstream }: ConfigurationFlags,
): Promise<Finding[]> {
  const { checkConfiguration } = await import('@gatehouse/server');
  const environment = context.process.env;
  const checked = await checkConfiguration({ file: config, upstream, set, environment, data: folder });
  const file = checked.file ?? 'no configuration file: the defaults are in force';
  // The check of the ports reports these itself, with the program that uses each.
  const warnings = checked.warnings.filter((text) => !text.startsWith('These ports are taken'));
  return [
    ...checked.problems.map((text) => problem('configuration', text, 'correct it', 'gatehouse config check')),
    ...warnings.map((text) => warning('configuration', text, 'check whether you want that')),
    ...(checked.problems.length === 0 ? [ok('configuration', file)] : []),
    ...(await portFindings(checked.taken, status !== undefined)),
  ];
}

async function portFindings(taken: readonly TakenAddress[], isRunning: boolean): Promise<Finding[]> {
  if (isRunning) return [];
  if (taken.length === 0) return [ok('ports', 'the ports of all listeners are free')];
  return Promise.all(
    taken.map(async ({ setting, port }) => {
      const holder = await holderOfPort(port);
      const message = `port ${port} (${setting}) is taken by ${holder ?? 'a program of another user'}`;
      const command = `gatehouse up --set ${setting}=127.0.0.1:${port + 10_000 > 65_535 ? 0 : port + 10_000}`;
      return problem('ports', message, 'stop that program, or use another port', command);
    }),
  );
}
