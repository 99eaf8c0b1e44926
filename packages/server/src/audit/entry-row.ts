// An entry of the ledger as it is stored.

export interface EntryRow {
  seq: number;
  time: number;
  type: string;
  /** JSON, as hashed. */
  actor: string;
  outcome: string;
  subject: string | null;
  /** JSON, as hashed. */
  data: string;
  hash: string;
}
