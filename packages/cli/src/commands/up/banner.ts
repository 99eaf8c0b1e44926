// The output of `gatehouse up` on a terminal when it is ready: all addresses, and three commands to try.
import { relative, sep } from 'node:path';
import type { ReadyFacts } from '@gatehouse/server';
import type { Screen } from '../../output/screen.ts';
import { counted, shortDigest } from '../config/summary.ts';

export interface BannerOptions {
  /** `--data`, if it was given. */
  data?: string;
  environment: NodeJS.ProcessEnv;
  screen: Screen;
}

/** Ends with a blank line. */
export function banner(facts: ReadyFacts, options: BannerOptions): string {
  const { paint } = options.screen;
  const row = (name: string, text: string) => `  ${paint('dim', name.padEnd(15))}${text}`;
  const target = facts.samples === null ? facts.upstream : 'the sample services';
  return [
    '',
    `  ${paint('bold', 'Gatehouse is up.')} ${paint('dim', 'Ctrl-C stops it.')}`,
    '',
    row('gateway', `${paint('cyan', facts.gateway)}${target === null ? '' : paint('dim', `  →  ${target}`)}`),
    row('control', paint('cyan', facts.control)),
    row('public PKI', paint('cyan', facts.pki)),
    ...(facts.samples === null ? [] : [row('samples', paint('cyan', facts.samples))]),
    row('administrator', administrator(facts, options.screen)),
    row('configuration', configuration(facts, options.screen)),
    row('root', shortest(facts.rootCertificate)),
    row('', paint('dim', facts.rootFingerprint)),
    '',
    `  ${paint('bold', 'Try')}`,
    ...commands(facts, options).map((command) => `    ${paint('dim', '$')} ${command}`),
    '',
    '',
  ].join('\n');
}

function administrator({ administrator: { name, passwordFile } }: ReadyFacts, { paint }: Screen): string {
  if (passwordFile === null) return name;
  return `${name}${paint('dim', ', first password in ')}${shortest(passwordFile)}`;
}

function configuration(
  { configuration: { file, digest, routes, upstreams } }: ReadyFacts,
  { paint }: Screen,
): string {
  const from = file === null ? 'no file' : `${shortest(file)} ${paint('dim', `(${shortDigest(digest)})`)}`;
  const counts = `${counted(routes, 'route')}, ${counted(upstreams, 'upstream')}`;
  return `${from}${paint('dim', `, ${counts}`)}`;
}

function commands(facts: ReadyFacts, { data, environment }: BannerOptions): string[] {
  const url = new URL(facts.samples === null ? '/' : '/notes', facts.gateway).href;
  const gatehouse = isInClone(environment) ? './gatehouse' : 'gatehouse';
  const folder = (option: string) => (data === undefined ? '' : ` ${option} ${data}`);
  return [
    `curl --cacert ${shortest(facts.rootCertificate)} ${url}`,
    `${gatehouse} key create robot --role user --out robot.key${folder('--data')}`,
    `${gatehouse} request ${url} --key-file robot.key${folder('--data-folder')}`,
  ];
}

/** `npm start` runs in the folder of the clone. */
function isInClone({ npm_lifecycle_event: script }: NodeJS.ProcessEnv): boolean {
  return script === 'start';
}

/** Relative for a file below the working folder. */
function shortest(path: string): string {
  const below = relative(process.cwd(), path);
  return below === '' || below.startsWith(`..${sep}`) ? path : below;
}
