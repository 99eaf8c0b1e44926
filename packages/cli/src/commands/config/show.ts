// `gatehouse config show`: prints the settings in force and their sources.
import type { Configuration } from '../../connection/admin-api.ts';
import { withTransport } from '../../connection/transport.ts';
import type { ManagementFlags } from '../../flags.ts';
import { wrap } from '../../output/lines.ts';
import { print, printJson, visible } from '../../output/print.ts';
import { type Column, printTable } from '../../output/table.ts';
import type { CliContext } from '../../process.ts';
import { summaryLine } from './summary.ts';

export interface ConfigShowFlags extends ManagementFlags {
  all?: boolean;
}

export async function configShow(this: CliContext, flags: ConfigShowFlags): Promise<void> {
  const configuration = await withTransport(this, flags, (transport) =>
    transport.call<Configuration>('GET', '/admin/config'),
  );
  if (flags.json) return printJson(this.process, configuration);
  const shown = configuration.settings.filter(({ source }) => flags.all || source !== 'default');
  const rows = shown.flatMap(({ name, value, source }) => rowsOf(name, value, source));
  const width = this.screen.columns ?? Number.POSITIVE_INFINITY;
  for (const line of wrap(summaryLine(configuration), width)) print(this.process, line);
  if (rows.length > 0) {
    print(this.process, '');
    printTable(this, columns, rows);
  }
  const left = configuration.settings.length - shown.length;
  if (left > 0) print(this.process, `\n${left} other settings have their default: --all shows them too.`);
}

type Row = [name: string, source: string, value: string];

const columns: Column<Row>[] = [
  { title: 'SETTING', of: ([name]) => name },
  { title: 'SOURCE', of: ([, source]) => source, form: 'text' },
  { title: 'VALUE', of: ([, , value]) => value, form: 'text' },
];

/** Each entry of a list of objects, such as a route, has a row of its own. */
function rowsOf(name: string, value: unknown, source: string): Row[] {
  if (!Array.isArray(value) || !value.some((each) => typeof each === 'object')) {
    return [[name, source, written(value)]];
  }
  return value.map((each, index) => [`${name}[${index}]`, source, written(each)]);
}

function written(value: unknown): string {
  if (value === null) return '-';
  return visible(typeof value === 'string' ? value : JSON.stringify(value));
}
