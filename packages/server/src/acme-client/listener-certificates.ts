// Certificates of our own listener from ACME directories: ordered, renewed, and tried again after a failure.
// The listener presents the last certificate until there is a newer one, even after it has expired. Then
// clients see an error that names the cause.
import type { Clock, NamedIdentity } from '@gatehouse/access';
import type { Job } from '../platform/jobs/jobs.ts';
import type { Log } from '../platform/log/log.ts';
import type { Metric } from '../platform/metric.ts';
import { failedEvent, obtainedEvent } from './events.ts';
import { OrderFailure, oneLine } from './failure.ts';
import type { KeptOrder } from './kept-order.ts';
import { digestOf, identityFor, leafFrom, newOrder, sectionKey } from './kept-order.ts';
import type { OrderCounts } from './metrics.ts';
import { createOrderCounts } from './metrics.ts';
import type { Obtained } from './order/obtained.ts';
import { isDue } from './renewal/due.ts';
import type { RenewalInfo } from './renewal/renewal-info.ts';
import { certificateId } from './renewal/renewal-info.ts';
import { notAtOnce, renewalTime, retryTime, suggestedTime } from './renewal/schedule.ts';
import type { OrderSettings } from './settings.ts';
import type { CertificateStore, KnownOrder } from './store/certificate-store.ts';
import type { ListenerCertificateView } from './view.ts';
import { viewOf } from './view.ts';

export interface ListenerCertificates {
  /**
   * The certificates of the listener for these settings, from memory. Their keys are those of the section
   * `tls`.
   */
  entries(settings: readonly OrderSettings[]): [key: string, identity: NamedIdentity][];
  /** Uses these settings from now on. Failed orders are tried again soon. */
  use(settings: readonly OrderSettings[]): void;
  /** Begins the orders that are due. */
  job: Job;
  metrics: readonly Metric[];
  views(): Record<string, ListenerCertificateView>;
  /** Ends the running attempts. */
  close(): Promise<void>;
}

export interface ListenerCertificatesDeps {
  clock: Clock;
  log: Log;
  store: CertificateStore;
  /** A number from 0 to 1. */
  chance(): number;
  /** Orders a certificate. Throws `OrderFailure`. */
  obtain(
    settings: OrderSettings,
    order: { replaces: string | undefined; signal: AbortSignal },
  ): Promise<Obtained>;
  /** Undefined if the directory has no renewal information. */
  renewalInfo(
    settings: OrderSettings,
    certificate: NonNullable<ReturnType<typeof leafFrom>>,
    signal: AbortSignal,
  ): Promise<RenewalInfo | undefined>;
  /** Resolves when every worker presents the certificate. */
  present(key: string, identity: NamedIdentity): Promise<void>;
}

const CHECK_SECONDS = 1;
const AT_ONCE = 4;
// The next question if one failed, or if the directory has no renewal information.
const ASK_AGAIN_MS = 6 * 3_600_000;
// The next attempt to store a certificate, for example after the disk was full.
const SAVE_AGAIN_MS = 60_000;

/** Reads the stored certificates. */
export async function openListenerCertificates(
  deps: ListenerCertificatesDeps,
): Promise<ListenerCertificates> {
  const { clock, store } = deps;
  const known = new Map((await store.open()).map((order) => [order.id, order]));
  const counts = createOrderCounts();
  let kept: KeptOrder[] = [];

  function keep(settings: OrderSettings, before: readonly KeptOrder[]): KeptOrder {
    const fresh = newOrder(settings);
    const found = before.find(({ order }) => order.id === fresh.id);
    const order = known.get(fresh.id) ?? fresh;
    // An operator has read or changed the settings again, so they may be right now.
    const isChanged = order.settings !== digestOf(settings);
    if (found || isChanged) order.retryAt = undefined;
    if (isChanged && order.window === undefined) order.renewAt = renewalOf(order, settings);
    known.set(order.id, order);
    if (found) return Object.assign(found, { settings });
    return { settings, order, askAt: 0, saveAt: undefined, attempt: undefined };
  }

  /** Undefined before the first certificate. */
  function renewalOf(order: KnownOrder, { renewBefore }: OrderSettings): number | undefined {
    const leaf = leafFrom(order);
    return leaf && renewalTime(validityOf(leaf), renewBefore * 1000, deps.chance());
  }

  function begin(each: KeptOrder): void {
    const control = new AbortController();
    const done = attempt({ ...deps, counts, known }, each, control.signal).finally(() => {
      each.attempt = undefined;
    });
    each.attempt = { done, abort: () => control.abort() };
  }

  return {
    entries(settings) {
      const all = [...known.values()];
      return settings.flatMap((each): [string, NamedIdentity][] => {
        const wanted = newOrder(each);
        const identity = identityFor(wanted, all, clock.now());
        return identity ? [[sectionKey(wanted), identity]] : [];
      });
    },
    use(settings) {
      const before = kept;
      kept = settings.map((each) => keep(each, before));
      for (const each of before) if (!kept.includes(each)) each.attempt?.abort();
    },
    job: {
      name: 'order certificates of gateway.acme',
      intervalSeconds: CHECK_SECONDS,
      async run() {
        const idle = kept.filter((each) => each.attempt === undefined && hasWork(each, clock.now()));
        const running = kept.filter((each) => each.attempt !== undefined).length;
        for (const each of idle.slice(0, Math.max(0, AT_ONCE - running))) begin(each);
      },
    },
    metrics: [counts.metric],
    views: () => Object.fromEntries(kept.map((each) => [each.settings.names[0] ?? '', viewOf(each)])),
    async close() {
      const running = kept.flatMap((each) => each.attempt ?? []);
      kept = [];
      for (const each of running) each.abort();
      await Promise.all(running.map(({ done }) => done));
    },
  };
}

function hasWork({ order, askAt, saveAt = Number.POSITIVE_INFINITY }: KeptOrder, now: number): boolean {
  return now >= saveAt || isDue(order, now) || (order.certificateChain !== undefined && now >= askAt);
}

interface AttemptDeps extends ListenerCertificatesDeps {
  counts: OrderCounts;
  known: Map<string, KnownOrder>;
}

/** One attempt. It never rejects: the log, the ledger and the view have its failure. */
async function attempt(deps: AttemptDeps, each: KeptOrder, signal: AbortSignal): Promise<void> {
  const { clock, log } = deps;
  try {
    if (each.saveAt !== undefined) await save(deps, each);
    if (clock.now() >= each.askAt) await askWhen(deps, each, signal);
    if (!isDue(each.order, clock.now())) return;
    await announce(deps, each);
    const leaf = leafFrom(each.order);
    const obtained = await deps.obtain(each.settings, { replaces: leaf && certificateId(leaf), signal });
    if (!signal.aborted) await take(deps, each, obtained);
  } catch (error) {
    if (signal.aborted) return;
    await fail(deps, each, error).catch((reason) =>
      log.event('gateway.acme_failure_not_recorded', { error: reason }),
    );
  }
}

/**
 * Stores an attempt as failed until it succeeds. So a server that is killed again and again during its orders
 * waits as long as after failures. A full disk must not prevent an order.
 */
async function announce({ clock, chance, store }: AttemptDeps, each: KeptOrder): Promise<void> {
  if (each.saveAt !== undefined) return;
  const { order, settings } = each;
  const failures = order.failures + 1;
  const retryAt = retryTime({ now: clock.now(), failures, chance: chance() });
  const problem = 'The server ended during the last attempt.';
  await store
    .save({ ...order, failures, retryAt, problem, settings: digestOf(settings) })
    .catch(() => undefined);
}

/** The answer changes the time of the renewal. Without an answer, our own time applies. */
async function askWhen(deps: AttemptDeps, each: KeptOrder, signal: AbortSignal): Promise<void> {
  const { clock, chance, log, store } = deps;
  const { order, settings } = each;
  const leaf = leafFrom(order);
  if (!leaf) return;
  const now = clock.now();
  each.askAt = now + ASK_AGAIN_MS;
  try {
    const info = await deps.renewalInfo(settings, leaf, signal);
    if (!info || signal.aborted) return;
    each.askAt = info.askAt;
    const window = `${info.window.start}-${info.window.end}`;
    if (window === order.window) return;
    const renewAt = suggestedTime(validityOf(leaf), info.window, { now, chance: chance() });
    Object.assign(order, { window, renewAt: renewAt ?? order.renewAt });
    await store.save(order);
  } catch (error) {
    if (signal.aborted) throw error;
    log.event('gateway.acme_no_renewal_info', { names: settings.names, reason: reasonOf(error) });
  }
}

/** Presents a new certificate, and then stores it, so that it is not lost if the disk is full. */
async function take(deps: AttemptDeps, each: KeptOrder, obtained: Obtained): Promise<void> {
  const { clock, chance, log, counts } = deps;
  const { settings, order } = each;
  const { leaf, privateKey, certificateChain } = obtained;
  const validity = validityOf(leaf);
  Object.assign(order, {
    privateKey,
    certificateChain,
    renewAt: notAtOnce(
      renewalTime(validity, settings.renewBefore * 1000, chance()),
      validity.notAfter,
      clock.now(),
    ),
    failures: 0,
    retryAt: undefined,
    waitUntil: undefined,
    problem: undefined,
    settings: digestOf(settings),
  });
  each.askAt = clock.now();
  each.saveAt = clock.now();
  counts.count('obtained');
  const { notAfter } = leaf;
  const facts = { names: settings.names, directory: settings.directory, notAfter };
  await deps
    .present(sectionKey(order), { names: settings.names, privateKey, certificateChain })
    .catch((error) => log.event('gateway.acme_not_presented', { error, ...facts }));
  await save(deps, each);
  log.event('gateway.acme_certificate_in_force', facts);
}

async function save({ store, clock, log }: AttemptDeps, each: KeptOrder): Promise<void> {
  const leaf = leafFrom(each.order);
  if (!leaf) return;
  try {
    await store.saveCertificate(each.order, obtainedEvent(each.settings, leaf));
    each.saveAt = undefined;
  } catch (error) {
    each.saveAt = clock.now() + SAVE_AGAIN_MS;
    log.event('gateway.acme_certificate_not_stored', { error, names: each.settings.names });
  }
}

async function fail(deps: AttemptDeps, each: KeptOrder, error: unknown): Promise<void> {
  const { clock, chance, log, store, counts } = deps;
  const { settings, order } = each;
  const reason = reasonOf(error);
  const failures = order.failures + 1;
  const waitUntil = error instanceof OrderFailure ? error.retryAt : undefined;
  const retryAt = retryTime({ now: clock.now(), failures, wanted: waitUntil, chance: chance() });
  Object.assign(order, { failures, retryAt, waitUntil, problem: reason, settings: digestOf(settings) });
  counts.count('failed');
  const { names, directory } = settings;
  const facts = { names, directory, reason, retryAt: new Date(retryAt), notAfter: leafFrom(order)?.notAfter };
  log.event(
    order.certificateChain === undefined ? 'gateway.acme_not_obtained' : 'gateway.acme_not_renewed',
    facts,
  );
  // A certificate whose key is not stored yet must not be stored without it.
  if (each.saveAt === undefined) await store.save(order, failedEvent(settings, { reason, retryAt }));
}

function reasonOf(error: unknown): string {
  return oneLine(error instanceof Error ? error.message : String(error));
}

function validityOf({ notBefore, notAfter }: { notBefore: Date; notAfter: Date }) {
  return { notBefore: notBefore.getTime(), notAfter: notAfter.getTime() };
}
