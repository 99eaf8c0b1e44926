// The facts that a backup has about itself, in its first file (docs/wire/backup.md).
import { z } from 'zod';
import { ledgerHeadShape } from '../platform/ledger/ledger-head.ts';
import { unreadable } from './unreadable.ts';

export const MANIFEST_FILE = 'manifest.json';
const FORMAT = 'gatehouse-backup';
const VERSION = 1;

const manifestSchema = z.object({
  format: z.literal(FORMAT),
  version: z.literal(VERSION),
  /** The version of the program that made the backup. */
  gatehouse: z.string(),
  madeAt: z.iso.datetime(),
  /** The last entry of the ledger in the database. */
  ledger: z.object(ledgerHeadShape),
});

export type Manifest = z.output<typeof manifestSchema>;

export function manifestText(facts: Omit<Manifest, 'format' | 'version'>): string {
  return `${JSON.stringify({ format: FORMAT, version: VERSION, ...facts })}\n`;
}

/** Throws `backup_unreadable`. */
export function parseManifest(text: string): Manifest {
  const value: unknown = JSON.parse(text);
  const { version } = Object(value) as { version?: unknown };
  if (typeof version === 'number' && version > VERSION)
    throw unreadable('was made by a newer Gatehouse: restore it with that version');
  const parsed = manifestSchema.safeParse(value);
  if (!parsed.success) throw unreadable('has no valid manifest: another program made it', parsed.error);
  return parsed.data;
}
