// `gatehouse status`: prints the server's report about itself. It does not depend on the names of the
// members, so it works with any version.
import type { Status } from '../../connection/admin-api.ts';
import { withTransport } from '../../connection/transport.ts';
import type { ManagementFlags } from '../../flags.ts';
import { printFacts } from '../../output/facts.ts';
import { cell, printJson } from '../../output/print.ts';
import type { CliContext } from '../../process.ts';

export async function status(this: CliContext, flags: ManagementFlags): Promise<void> {
  const answer = await withTransport(this, flags, (transport) =>
    transport.call<Status>('GET', '/admin/status'),
  );
  if (flags.json) return printJson(this.process, answer);
  printFacts(this, flatten(answer));
}

/** Counts members by their state, for example workers: `2 serving`. */
function describe(value: unknown): string {
  const states = Array.isArray(value) ? value.map((member) => Object(member).state as unknown) : [];
  if (states.length === 0 || !states.every((state) => typeof state === 'string')) return cell(value);
  const groups = Object.entries(Object.groupBy(states, (state) => state));
  return cell(groups.map(([state, members]) => `${members?.length} ${state}`));
}

/** `{ a: { b: 1 } }` as `a.b`, `1`. */
function flatten(value: object, prefix = ''): [name: string, text: string][] {
  return Object.entries(value).flatMap(([key, member]) => {
    const name = cell(`${prefix}${key}`);
    const nested = typeof member === 'object' && member !== null && !Array.isArray(member);
    return nested ? flatten(member, `${name}.`) : [[name, describe(member)]];
  });
}
