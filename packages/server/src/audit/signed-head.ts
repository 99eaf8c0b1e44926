// The signed head of the ledger (docs/wire/witness.md): a JWS in compact form (RFC 7515 §7.1). It proves that
// this server stated the head, also to people who do not trust the place that stores it.
import { sign } from 'node:crypto';
import type { SigningKey } from '../keyring/index.ts';
import type { LedgerHead } from '../platform/ledger/ledger-head.ts';

/** A head and its ledger. */
export interface StatedHead extends LedgerHead {
  /** The hash of entry 1, which names the ledger; null before there is one. */
  ledger: string | null;
}

/** Undefined while the server starts, before it has its keys. */
export type HeadSigner = (head: StatedHead) => string | undefined;

const TYPE = 'gatehouse-ledger-head+jwt';

/** `now`: milliseconds since 1970. */
export function signHead(
  { kid, privateKey }: SigningKey,
  { seq, hash, ledger }: StatedHead,
  now: number,
): string {
  const header = encoded({ alg: 'ES256', typ: TYPE, kid });
  const input = `${header}.${encoded({ seq, hash, ledger, iat: Math.floor(now / 1000) })}`;
  const key = { key: privateKey, dsaEncoding: 'ieee-p1363' } as const;
  return `${input}.${sign('sha256', Buffer.from(input, 'latin1'), key).toString('base64url')}`;
}

function encoded(value: object): string {
  return Buffer.from(JSON.stringify(value), 'utf8').toString('base64url');
}
