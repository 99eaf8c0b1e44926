// What `gatehouse up` prints on a terminal when it is ready: all addresses, and three commands to try.
import { relative, sep } from 'node:path';
import { styleText } from 'node:util';
import type { ReadyFacts } from '@gatehouse/server';
import { counted, shortDigest } from '../config/summary.ts';

export interface BannerOptions {
  /** `--data`, if it was given. */
  data?: string;
  environment: NodeJS.ProcessEnv;
}

/** Ends with a blank line. Has colours only if standard output has them and NO_COLOR is not set. */
export function banner(facts: ReadyFacts, options: BannerOptions): string {
  const target = facts.samples === null ? facts.upstream : 'the sample services';
  return [
    '',
    `  ${bold('Gatehouse is up.')} ${dim('Ctrl-C stops it.')}`,
    '',
    row('gateway', `${cyan(facts.gateway)}${target === null ? '' : dim(`  →  ${target}`)}`),
    row('control', cyan(facts.control)),
    row('public PKI', cyan(facts.pki)),
    ...(facts.samples === null ? [] : [row('samples', cyan(facts.samples))]),
    row('administrator', administrator(facts)),
    row('configuration', configuration(facts)),
    row('root', shortest(facts.rootCertificate)),
    row('', dim(facts.rootFingerprint)),
    '',
    `  ${bold('Try')}`,
    ...commands(facts, options).map((command) => `    ${dim('$')} ${command}`),
    '',
    '',
  ].join('\n');
}

function row(name: string, text: string): string {
  return `  ${dim(name.padEnd(15))}${text}`;
}

function administrator({ administrator: { name, passwordFile } }: ReadyFacts): string {
  return passwordFile === null ? name : `${name}${dim(', first password in ')}${shortest(passwordFile)}`;
}

function configuration({ configuration: { file, digest, routes, upstreams } }: ReadyFacts): string {
  const from = file === null ? 'no file' : `${shortest(file)} ${dim(`(${shortDigest(digest)})`)}`;
  const counts = `${counted(routes, 'route')}, ${counted(upstreams, 'upstream')}`;
  return `${from}${dim(`, ${counts}`)}`;
}

function commands(facts: ReadyFacts, { data, environment }: BannerOptions): string[] {
  const url = new URL(facts.samples === null ? '/' : '/notes', facts.gateway).href;
  const gatehouse = isInClone(environment) ? './gatehouse' : 'gatehouse';
  const folder = data === undefined ? '' : ` --data ${data}`;
  return [
    `curl --cacert ${shortest(facts.rootCertificate)} ${url}`,
    `${gatehouse} key create robot --role user --out robot.key${folder}`,
    `${gatehouse} request ${url} --key-file robot.key${folder}`,
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

const bold = (text: string) => styleText('bold', text, { stream: process.stdout });
const dim = (text: string) => styleText('dim', text, { stream: process.stdout });
const cyan = (text: string) => styleText('cyan', text, { stream: process.stdout });
