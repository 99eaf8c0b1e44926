// One table of the gateway's areas: contenders under the same conditions, loaded by wrk.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BenchOptions } from '../../harness/area.ts';
import type { Contender, Credentials } from '../../harness/contender.ts';
import type { CoreChoice } from '../../harness/cores.ts';
import { layOutCores } from '../../harness/cores.ts';
import { errorsOf, resultsTable } from '../../harness/results-table.ts';
import type { Subject } from '../../harness/rounds.ts';
import { measureRounds } from '../../harness/rounds.ts';
import type { Outcome, Scene } from '../../harness/scene.ts';
import { runLoad } from '../../harness/wrk.ts';
import type { Serving } from './site.ts';
import { checkWork, presentOf, startOneUpstream, startServing } from './site.ts';

export interface Conditions {
  cores: CoreChoice;
  accessLog: boolean;
}

export const WARM_UP_SECONDS = 2;
const UNIT = 'requests';

/** The conditions of each table: from the options, or else the area's own. */
export function conditionsOf(
  { cores, accessLogs }: Pick<BenchOptions, 'cores' | 'accessLogs'>,
  own: readonly Conditions[],
): Conditions[] {
  if (cores === undefined && accessLogs === undefined) return [...own];
  return (cores ?? (['one'] as const)).flatMap((choice) =>
    (accessLogs ?? [own[0]?.accessLog ?? false]).map((accessLog) => ({ cores: choice, accessLog })),
  );
}

/** Measures all installed contenders under each of the conditions. */
export async function measureTables(
  scene: Scene,
  contenders: readonly Contender[],
  conditions: readonly Conditions[],
): Promise<Outcome> {
  const outcome = { paragraphs: [] as string[], isSound: true };
  for (const each of conditions) {
    const { paragraphs, isSound } = await measureTable(scene, presentOf(contenders), each);
    outcome.paragraphs.push(...paragraphs);
    outcome.isSound &&= isSound;
  }
  return outcome;
}

async function measureTable(
  scene: Scene,
  contenders: readonly Contender[],
  { cores, accessLog }: Conditions,
): Promise<Outcome> {
  await using stack = new AsyncDisposableStack();
  const own = { ...scene, stack };
  const layout = layOutCores(cores, stack);
  const setting = { layout, accessLog, upstreamPort: await startOneUpstream(own) };
  const subjects: (Subject & { serving: Serving })[] = [];
  for (const contender of contenders) {
    const serving = await startServing(contender, setting, own);
    await checkWork(serving);
    subjects.push({ ...serving, serving, load: wrkLoad(serving, own) });
  }
  const rounds = { ...scene, unit: UNIT, warmUpSeconds: WARM_UP_SECONDS, say: console.log };
  const samples = await measureRounds(subjects, rounds);
  for (const { serving } of subjects) await checkWork(serving);
  const rows = [...samples].map(([{ name }, each]) => ({ name, samples: each }));
  const heading = `${accessLog ? 'With an access log to a file' : 'Without access logs'}, ${layout.words}:`;
  return {
    paragraphs: [heading, resultsTable(rows, { unit: UNIT })],
    isSound: rows.every((row) => errorsOf(row.samples) === 0),
  };
}

/** wrk with the contender's credentials in turn, if it needs any. */
export function wrkLoad({ target, credentials }: Serving, scene: Scene): Subject['load'] {
  const url = `https://127.0.0.1:${target.port}/`;
  const headersFile = credentials && writeHeaders(credentials, scene.folder('headers'));
  return (duration) => runLoad({ url, headersFile, ...duration });
}

function writeHeaders({ field, values }: Credentials, folder: string): string {
  const file = join(folder, 'headers');
  writeFileSync(file, values.map((value) => `${field}: ${value}\n`).join(''));
  return file;
}
