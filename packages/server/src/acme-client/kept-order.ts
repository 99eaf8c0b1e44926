// A certificate of `gateway.acme`: its settings, its state, and the running attempt.
import { createHash } from 'node:crypto';
import type { NamedIdentity } from '@gatehouse/access';
import type { ParsedCertificate } from '@gatehouse/x509';
import { readCertificate } from '@gatehouse/x509';
import { namesOf } from './order/obtained.ts';
import { identityOf } from './renewal/due.ts';
import type { OrderSettings } from './settings.ts';
import type { KnownOrder } from './store/certificate-store.ts';
import { leafOf } from './store/certificate-store.ts';

export interface KeptOrder {
  settings: OrderSettings;
  order: KnownOrder;
  /** When to ask for renewal information again. */
  askAt: number;
  /** When to store its certificate; undefined if it is stored. */
  saveAt: number | undefined;
  attempt: { done: Promise<void>; abort(): void } | undefined;
}

export function newOrder(settings: OrderSettings): KnownOrder {
  return {
    id: digestOf(identityOf(settings)),
    names: settings.names,
    certificateChain: undefined,
    privateKey: undefined,
    renewAt: undefined,
    window: undefined,
    failures: 0,
    retryAt: undefined,
    waitUntil: undefined,
    settings: undefined,
    problem: undefined,
  };
}

export function digestOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 32);
}

/** The id of its entry in the section `tls`. */
export function sectionKey({ id }: Pick<KnownOrder, 'id'>): string {
  return `gateway.acme.${id}`;
}

export function leafFrom({
  certificateChain,
}: Pick<KnownOrder, 'certificateChain'>): ParsedCertificate | undefined {
  return certificateChain === undefined ? undefined : readCertificate(leafOf(certificateChain));
}

/**
 * The certificate that the listener presents for these names. Until the ordered certificate exists, it is the
 * one that has most of the names, such as the one from before a change of the settings.
 */
export function identityFor(
  wanted: Pick<KnownOrder, 'id' | 'names'>,
  all: readonly KnownOrder[],
  now: number,
): NamedIdentity | undefined {
  const own = all.find(({ id, certificateChain }) => id === wanted.id && certificateChain !== undefined);
  if (own) return identityOfOrder(own, wanted.names);
  const [best] = all
    .map((order) => ({ order, names: wanted.names.filter((name) => isFor(order, name, now)) }))
    .filter(({ names }) => names.length > 0)
    .toSorted((one, other) => other.names.length - one.names.length);
  return best && identityOfOrder(best.order, best.names);
}

function identityOfOrder(
  { privateKey = '', certificateChain = '' }: KnownOrder,
  names: readonly string[],
): NamedIdentity {
  return { names, privateKey, certificateChain };
}

function isFor(order: KnownOrder, name: string, now: number): boolean {
  const leaf = leafFrom(order);
  return leaf !== undefined && leaf.notAfter.getTime() > now && namesOf(leaf).includes(name);
}
