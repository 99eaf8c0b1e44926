// The events of the certificate authority: recorded in the ledger, and read by projections.
import type { Owner } from '@gatehouse/access';
import type { Actor, DomainEvent, EventValue } from '../platform/feed/events.ts';

export const SYSTEM: Actor = { kind: 'system', name: 'gatehouse' };

const ISSUED = 'ca.certificate_issued';
const REVOKED = 'ca.certificate_revoked';
const LIST_PUBLISHED = 'ca.crl_published';

export interface IssuedFacts {
  serialNumber: string;
  profile: string;
  names: string[];
  notAfter: Date;
  owner?: Owner | undefined;
  /** The serial number of the certificate that this one renews. */
  renews?: string | undefined;
}

export function issuedEvent(facts: IssuedFacts, actor: Actor): DomainEvent {
  const { serialNumber, profile, names, notAfter, owner, renews } = facts;
  const data: DomainEvent['data'] = { profile, names, notAfter: notAfter.toISOString() };
  if (owner) data.owner = { ...owner };
  if (renews !== undefined) data.renews = renews;
  return success(ISSUED, actor, serialNumber, data);
}

export function revokedEvent(
  {
    serialNumber,
    profile,
    names,
    issuerId,
  }: Pick<IssuedFacts, 'serialNumber' | 'profile' | 'names'> & { issuerId: string },
  revocation: { reason: string; crlNumber: number },
  actor: Actor,
): DomainEvent {
  return success(REVOKED, actor, serialNumber, { profile, names, issuer: issuerId, ...revocation });
}

/** The inventory has one of our certificates again. */
export function recoveredEvent(
  {
    serialNumber,
    profile,
    names,
    notAfter,
    owner,
  }: Pick<IssuedFacts, 'serialNumber' | 'profile' | 'names' | 'owner'> & {
    notAfter: number;
  },
  actor: Actor,
): DomainEvent {
  const data: DomainEvent['data'] = { profile, names, notAfter: new Date(notAfter).toISOString() };
  if (owner) data.owner = { ...owner };
  return success('ca.certificate_recovered', actor, serialNumber, data);
}

/** Whether the event issues a certificate with an owner. Its subject is the serial number. */
export function isIssue({ type, data }: DomainEvent): boolean {
  return type === ISSUED && data.owner !== undefined;
}

/**
 * Whether the event revokes a certificate. Its subject is the serial number, and `data.issuer` its authority.
 */
export function isRevocation<E extends DomainEvent>(event: E): event is E & { subject: string } {
  return event.type === REVOKED && event.subject !== null;
}

const HIERARCHY_CHANGES = [
  'ca.intermediate_rotated',
  'ca.intermediate_requested',
  'ca.hierarchy_imported',
] as const;

/** Whether this event changes the authorities or their state. */
export function isHierarchyChange({ type }: DomainEvent): boolean {
  return HIERARCHY_CHANGES.some((change) => change === type);
}

/** A refused request, with the reason. */
export function refusedEvent(request: { profile: string; reason: string }, actor: Actor): DomainEvent {
  return { type: 'ca.certificate_refused', actor, outcome: 'failure', subject: null, data: { ...request } };
}

export function expiringEvent(facts: IssuedFacts): DomainEvent {
  const { serialNumber, profile, names, notAfter } = facts;
  return success('ca.certificate_expiring', SYSTEM, serialNumber, {
    profile,
    names,
    notAfter: notAfter.toISOString(),
  });
}

export function hierarchyEvent(
  type: (typeof HIERARCHY_CHANGES)[number],
  actor: Actor,
  authority: { id: string; [fact: string]: EventValue },
): DomainEvent {
  const { id, ...data } = authority;
  return success(type, actor, id, data);
}

export function listPublishedEvent(issuerId: string, list: { number: number; entries: number }): DomainEvent {
  return success(LIST_PUBLISHED, SYSTEM, issuerId, { ...list });
}

/** Whether an authority, the subject, publishes a list although nothing was revoked. */
export function isListDue<E extends DomainEvent>(event: E): event is E & { subject: string } {
  return event.type === LIST_PUBLISHED && event.subject !== null;
}

function success(
  type: DomainEvent['type'],
  actor: Actor,
  subject: string,
  data: DomainEvent['data'],
): DomainEvent {
  return { type, actor, outcome: 'success', subject, data };
}
