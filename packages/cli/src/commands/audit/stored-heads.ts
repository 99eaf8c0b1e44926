// Heads of the ledger that were stored elsewhere (docs/wire/witness.md): the object of a witness, or the
// output of `audit verify --json`, as one document or one in each line. Refuses any other content.
import { CliError, exitStatus } from '../../exit-status.ts';
import { decodeText } from '../../input/decode-text.ts';
import { readInput } from '../../input/input-file.ts';

export interface StoredHead {
  seq: number;
  hash: string;
  /** The hash of entry 1, which identifies the ledger. Null if the file does not have it. */
  ledger: string | null;
  /** A JWS of the same members. */
  signed?: string;
}

/** Throws `CliError`. */
export async function readStoredHeads(path: string): Promise<StoredHead[]> {
  const text = decodeText(await readInput(path), path);
  const heads = documentsIn(text)?.map(headOf) ?? [];
  if (heads.length > 0 && heads.every((head) => head !== undefined)) return heads;
  const expected = "the object of a witness, or lines of 'gatehouse audit verify --json'";
  throw new CliError(exitStatus.failed, `${path} holds no head of a ledger: give ${expected}`);
}

/** Undefined if it is neither one document nor one in each line. */
function documentsIn(text: string): unknown[] | undefined {
  const parsed = (part: string): unknown[] | undefined => {
    try {
      return [JSON.parse(part)];
    } catch {
      return undefined;
    }
  };
  const whole = parsed(text);
  if (whole) return whole;
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const documents = lines.flatMap((line) => parsed(line) ?? []);
  return documents.length === lines.length ? documents : undefined;
}

function headOf(document: unknown): StoredHead | undefined {
  if (typeof document !== 'object' || document === null) return undefined;
  const outer = document as Record<string, unknown>;
  const { seq, hash } = (outer.head ?? outer) as Record<string, unknown>;
  const { ledger = null, signed } = outer;
  if (!Number.isSafeInteger(seq) || typeof hash !== 'string' || !/^[0-9a-f]{64}$/.test(hash))
    return undefined;
  if (ledger !== null && typeof ledger !== 'string') return undefined;
  return { seq: Number(seq), hash, ledger, ...(typeof signed === 'string' && { signed }) };
}
