// The events about the ledger itself.
import type { Actor, DomainEvent } from '../platform/feed/events.ts';
import type { LedgerHead } from '../platform/ledger/ledger-head.ts';
import type { Witness } from '../platform/ledger/witness.ts';
import type { LedgerProblem } from './self-check.ts';
import type { Doubt } from './witnesses.ts';

const SYSTEM: Actor = { kind: 'system', name: 'gatehouse' };
/** The operator who starts the server. */
const OPERATOR: Actor = { kind: 'operator', name: 'local' };

export function alterationFound({ seq, reason }: LedgerProblem): DomainEvent {
  const data = { seq, reason };
  return { type: 'audit.alteration_found', actor: SYSTEM, outcome: 'failure', subject: null, data };
}

/** `head`: the head of the database that the operator accepted. */
export function rollbackAccepted({ seq, hash }: LedgerHead, doubts: readonly Doubt[]): DomainEvent {
  const because = doubts.map(({ path, reason, witness }) => ({
    path,
    reason,
    seq: witness?.seq ?? null,
    hash: witness?.hash ?? null,
  }));
  const data = { seq, hash, because };
  return { type: 'audit.rollback_accepted', actor: OPERATOR, outcome: 'success', subject: null, data };
}

/** `head`: the head of the backup. */
export function backupRestored(
  { seq, hash }: LedgerHead,
  { backupOf, at }: NonNullable<Witness['restored']>,
): DomainEvent {
  const data = { seq, hash, backupOf, at };
  return { type: 'audit.backup_restored', actor: OPERATOR, outcome: 'success', subject: null, data };
}

/** The head at the address is no entry of this ledger. */
export function witnessContradicted(url: string, reason: string, witness: LedgerHead | null): DomainEvent {
  const data = { url, reason, seq: witness?.seq ?? null, hash: witness?.hash ?? null };
  return { type: 'audit.witness_contradicted', actor: SYSTEM, outcome: 'failure', subject: null, data };
}
