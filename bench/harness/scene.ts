// The common base of all parts of an area: empty folders, certificates for the peers' own TLS, and the
// recording of the results.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BenchOptions, LEAST_ROUNDS } from './area.ts';
import type { Contender, OwnSite } from './contender.ts';
import { freePorts } from './free-port.ts';
import { machineLine } from './machine.ts';
import { writeResults } from './results-file.ts';
import { createTlsFiles } from './tls-files.ts';

export interface Scene extends Pick<OwnSite, 'tls' | 'signal' | 'stack'> {
  rounds: number;
  seconds: number;
  /** Creates an empty folder with a name that begins with this. */
  folder(name: string): string;
}

/** A part's report: paragraphs and tables, and whether every row is valid. */
export interface Outcome {
  paragraphs: readonly string[];
  isSound: boolean;
}

/** Measures one part and prints it. Replaces its last results, unless it is a trial. */
export async function runPart(
  { name, title }: { name: string; title: string },
  options: BenchOptions,
  measure: (scene: Scene) => Promise<Outcome>,
): Promise<boolean> {
  await using stack = new AsyncDisposableStack();
  const root = mkdtempSync(join(tmpdir(), 'gatehouse-bench-'));
  stack.defer(() => rmSync(root, { recursive: true, force: true }));
  const folder = (own: string) => mkdtempSync(join(root, `${own}-`));
  const scene = { ...options, stack, folder, tls: createTlsFiles(folder('tls')) };
  const { paragraphs, isSound } = await measure(scene);
  const report = [`## ${title}`, ...paragraphs].join('\n\n');
  console.log(`\n${report}`);
  if (options.rounds >= LEAST_ROUNDS) writeResults(name, report);
  else console.log(`\nnot recorded: fewer than ${LEAST_ROUNDS} rounds`);
  return isSound;
}

/** The date, the machine, and the versions of all contenders. */
export function occasion(contenders: readonly Pick<Contender, 'name' | 'version'>[]): string {
  const today = new Date().toISOString().slice(0, 10);
  const versions = contenders.map(({ name, version }) => `${name} ${version()}`).join(', ');
  return `${today} · ${machineLine()} · Node ${process.versions.node} · ${versions}`;
}

/** How to read the figures of a table with rounds. */
export function roundsLine(
  { rounds, seconds }: Pick<Scene, 'rounds' | 'seconds'>,
  warmUpSeconds = 5,
): string {
  return (
    `Median (least–most) of ${rounds} interleaved rounds of ${seconds} s after ${warmUpSeconds} s of the same. CPU time is that of all processes and threads of a ` +
    'contender, user and system; memory is their proportional set size.'
  );
}

/** One line for each contender that is not installed. */
export function missingLines(
  contenders: readonly Pick<Contender, 'name' | 'install' | 'version'>[],
): string[] {
  return contenders
    .filter(({ version }) => version() === undefined)
    .map(({ name, install }) => `${name}: not installed (${install})`);
}

/** A separate folder for one contender. */
export async function siteOf({ name }: Pick<Contender, 'name'>, scene: Scene): Promise<OwnSite> {
  const [port = 0] = await freePorts(1);
  const { tls, signal, stack } = scene;
  return { folder: scene.folder(name.replaceAll(/\W+/g, '-')), port, tls, signal, stack };
}
