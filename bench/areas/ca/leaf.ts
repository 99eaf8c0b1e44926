// Leaf certificates in one process, compared with the raw rate of signing the same number of octets with the
// same key.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { VERSION } from '@gatehouse/server';
import type { Area } from '../../harness/area.ts';
import { count, markdownTable, withRange } from '../../harness/results-table.ts';
import type { Scene } from '../../harness/scene.ts';
import { occasion, runPart } from '../../harness/scene.ts';
import { spreadOf, spreadOfRatios } from '../../harness/statistics.ts';
import type { LeafRates } from './leaf-process.ts';

const PROCESS = fileURLToPath(new URL('./leaf-process.ts', import.meta.url));

export const area: Area = (options) =>
  runPart({ name: 'ca-leaf', title: 'ca: leaf certificates in process' }, options, async (scene) => {
    const rounds: LeafRates[] = [];
    for (let round = 0; round < scene.rounds; round += 1) rounds.push(await measureRound(round, scene));
    return {
      paragraphs: [
        occasion([{ name: 'Gatehouse', version: () => VERSION }]),
        conditions(scene),
        markdownTable(
          ['what', 'per CPU-second', 'share of the raw signing rate'],
          [
            cells('raw P-256 signatures', rounds, 'raw'),
            cells('leaf certificates', rounds, 'issued'),
            cells('leaf certificates, each linted before it is signed', rounds, 'linted'),
          ],
        ),
      ],
      isSound: true,
    };
  });

/** A separate process, so that compiled code and garbage of one round do not affect the next. */
async function measureRound(round: number, { rounds, seconds, signal }: Scene): Promise<LeafRates> {
  const args = ['--disable-warning=ExperimentalWarning', PROCESS, String(seconds)];
  const { stdout } = await promisify(execFile)(process.execPath, args, { signal });
  const rates: LeafRates = JSON.parse(stdout);
  console.log(
    `round ${round + 1} of ${rounds}: ${Math.round(rates.issued)} leaf certificates per CPU-second, raw ${Math.round(rates.raw)}`,
  );
  return rates;
}

function cells(what: string, rounds: readonly LeafRates[], name: keyof LeafRates): string[] {
  const rates = rounds.map((rates) => rates[name]);
  const share = spreadOfRatios(
    rates,
    rounds.map(({ raw }) => raw),
  );
  return [what, withRange(spreadOf(rates), count), name === 'raw' ? '1' : withRange(share, percent)];
}

function percent(value: number): string {
  return `${(value * 100).toFixed(0)} %`;
}

function conditions({ rounds, seconds }: Scene): string {
  return [
    '`createIssuer().issue()`: P-256 issuer and subject keys, one DNS name, CRL, OCSP and issuer URLs; the DER, without reading `pem`.',
    'Raw is one signature of the same key over octets of the same length. Median (least–most) of',
    `${rounds} rounds, each a process of its own that gives every row ${seconds} s in slices that take turns; shares are of the same round.`,
  ].join(' ');
}
