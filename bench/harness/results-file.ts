// bench/RESULTS.md: the last results of each area, between markers, so that an area does not change the
// others.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

const FILE = new URL('../RESULTS.md', import.meta.url);
const HEADER = `# Benchmark results

Each part is written by \`npm run bench -- AREA\`: the last run, as it came out.
`;

/** Replaces the area's last results with `text`, or adds it at the end. */
export function writeResults(area: string, text: string): void {
  const known = existsSync(FILE) ? readFileSync(FILE, 'utf8') : HEADER;
  const begin = `<!-- ${area}: begin -->`;
  const end = `<!-- ${area}: end -->`;
  const part = `${begin}\n${text.trim()}\n${end}\n`;
  const from = known.indexOf(begin);
  const to = known.indexOf(end);
  if (from < 0 || to < from) writeFileSync(FILE, `${known}\n${part}`);
  else writeFileSync(FILE, known.slice(0, from) + part + known.slice(to + end.length).replace(/^\n/, ''));
}
