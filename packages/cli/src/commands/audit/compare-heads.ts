// Compares stored heads with the ledger of the server, and verifies their signatures (docs/wire/witness.md).
import { createPublicKey, type JsonWebKeyInput, verify } from 'node:crypto';
import type { Transport } from '../../connection/transport.ts';
import { readLedger } from './filter.ts';
import type { StoredHead } from './stored-heads.ts';

export interface KeySet {
  keys: readonly (JsonWebKeyInput['key'] & { kid?: string })[];
}

export interface ComparedHead {
  seq: number;
  /** When the server signed it; null if it is not signed. */
  signedAt: string | null;
  /** The reason, as a clause. Null if the ledger has this head. */
  problem: string | null;
}

export interface HeadRules {
  keySet: KeySet;
  /** Whether a head without a signature is refused. */
  mustBeSigned: boolean;
}

const EMPTY = '0'.repeat(64);
const TYPE = 'gatehouse-ledger-head+jwt';

export async function compareHead(
  transport: Pick<Transport, 'call'>,
  head: StoredHead,
  rules: HeadRules,
): Promise<ComparedHead> {
  const { seq } = head;
  const signature = checkSignature(head, rules);
  const problem = signature.problem ?? (await contradiction(transport, head));
  return { seq, signedAt: signature.signedAt, problem };
}

async function contradiction(
  transport: Pick<Transport, 'call'>,
  { seq, hash, ledger }: StoredHead,
): Promise<string | null> {
  const found = await hashOf(transport, seq);
  if (found === undefined) return 'the ledger ends before this entry';
  if (ledger !== null && (await hashOf(transport, 1)) !== ledger) return 'the head belongs to another ledger';
  return found === hash ? null : 'the ledger has another entry at this place';
}

async function hashOf(transport: Pick<Transport, 'call'>, seq: number): Promise<string | undefined> {
  if (seq === 0) return EMPTY;
  const { entries } = await readLedger(transport, { limit: 1, after: seq - 1, filter: {} });
  return entries.find((entry) => entry.seq === seq)?.hash;
}

function checkSignature(
  { seq, hash, ledger, signed }: StoredHead,
  { keySet, mustBeSigned }: HeadRules,
): Pick<ComparedHead, 'signedAt' | 'problem'> {
  if (signed === undefined) return { signedAt: null, problem: mustBeSigned ? 'it is not signed' : null };
  const stated = verifiedHead(signed, keySet);
  if (stated === undefined)
    return { signedAt: null, problem: 'its signature is not valid, or is by another key' };
  const isSame = stated.seq === seq && stated.hash === hash && stated.ledger === ledger;
  const signedAt = new Date(Number(stated.iat) * 1000).toISOString();
  return { signedAt, problem: isSame ? null : 'it differs from the signed values' };
}

/** The payload. Undefined if no key of the set signed it as a head of a ledger. */
function verifiedHead(jws: string, { keys }: KeySet): Record<string, unknown> | undefined {
  const [header = '', payload = '', signature = ''] = jws.split('.');
  try {
    const { alg, typ, kid } = JSON.parse(text(header));
    const key = keys.find((each) => each.kid === kid);
    if (alg !== 'ES256' || typ !== TYPE || key === undefined) return undefined;
    const publicKey = createPublicKey({ key, format: 'jwk' });
    const input = Buffer.from(`${header}.${payload}`, 'latin1');
    const octets = Buffer.from(signature, 'base64url');
    const isRight = verify('sha256', input, { key: publicKey, dsaEncoding: 'ieee-p1363' }, octets);
    return isRight ? JSON.parse(text(payload)) : undefined;
  } catch {
    return undefined;
  }
}

function text(part: string): string {
  return Buffer.from(part, 'base64url').toString('utf8');
}
