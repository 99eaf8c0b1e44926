// The head of the ledger: the number and the hash of its last entry. Two copies of a database are in the same
// state if they have the same head (docs/wire/ledger.md).
import type { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';

export interface LedgerHead {
  /** 0 for a ledger without entries. */
  seq: number;
  hash: string;
}

/** The hash before the first entry. */
export const GENESIS = '0'.repeat(64);

export const EMPTY_LEDGER: LedgerHead = { seq: 0, hash: GENESIS };

/** For a head that was stored in a file. */
export const ledgerHeadShape = { seq: z.int().min(0), hash: z.string().regex(/^[0-9a-f]{64}$/) };

/** The head in a database that no capability has opened, such as that of a backup. */
export function ledgerHeadIn(database: DatabaseSync): LedgerHead {
  const row = database.prepare('SELECT seq, hash FROM audit_head').get();
  return row ? { seq: Number(row.seq), hash: String(row.hash) } : EMPTY_LEDGER;
}
