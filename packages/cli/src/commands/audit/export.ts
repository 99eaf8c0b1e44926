// `gatehouse audit export`: the ledger as one JSON document a line (JSON Lines), from the first entry to the
// last, with the hashes that chain them (docs/wire/ledger.md).
import { withTransport } from '../../connection/transport.ts';
import { printJson } from '../../output/print.ts';
import type { CliContext } from '../../process.ts';
import { type FilterFlags, filterQuery, readLedger } from './filter.ts';

const PAGE_ENTRIES = 1000;

export async function auditExport(this: CliContext, flags: FilterFlags): Promise<void> {
  const filter = filterQuery(flags, Date.now());
  await withTransport(this, flags, async (transport) => {
    for (let after = 0, isLast = false; !isLast; ) {
      const { entries, searched } = await readLedger(transport, { limit: PAGE_ENTRIES, after, filter });
      for (const entry of entries) printJson(this.process, entry);
      if ((await this.output.failure()) !== undefined) return;
      after = searched;
      isLast = entries.length < PAGE_ENTRIES;
    }
  });
}
