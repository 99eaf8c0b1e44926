// A client certificate that changes: read from files that may change, or renewed by its authority before it
// expires. Requests in progress finish with the old one. New requests use the new one.

import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { ClientIdentity, IdentitySource } from './client-identity.ts';
import { readTrust } from './trust.ts';

/** Files that another program replaces. */
export interface IdentityFiles {
  /** Path of the certificate chain. */
  certificate: string;
  /** Path of its key. */
  key: string;
  /** How often to read the files. Default: 30. */
  checkSeconds?: number;
}

/** A source that can also be asked to read its files again. */
export interface WatchedIdentity extends IdentitySource {
  /** Reads the files now. If they do not fit together, it waits for the next read. */
  check(): Promise<void>;
}

/**
 * The certificate in two files, such as those of `gatehouse cert renew --watch`.
 * @throws TypeError if the files are not a certificate and its key
 * @example
 * const http = client().with(trust({ ca, identity: identityFromFiles({ certificate: 'a.pem', key: 'a.key' }) }));
 */
export function identityFromFiles({ certificate, key, checkSeconds = 30 }: IdentityFiles): WatchedIdentity {
  const source = createSource(checked(readFileSync(certificate, 'utf8'), readFileSync(key, 'utf8')));
  const check = async () => {
    const [chain, secret] = await Promise.all([readFile(certificate, 'utf8'), readFile(key, 'utf8')]);
    const before = source.current();
    if (chain === before.certificate && secret === before.key) return;
    source.change(checked(chain, secret));
  };
  const quietly = () => check().catch(() => {}); // only one file is new yet: the next read gets both
  return {
    current: source.current,
    check,
    watch: (changed) => source.watch(changed, () => repeat(quietly, () => checkSeconds * 1000)),
  };
}

/** How to renew a certificate. */
export interface RenewingOptions extends ClientIdentity {
  /** Asks the authority for the next one: `renewAtGatehouse`, or another function. */
  renew(identity: ClientIdentity): Promise<ClientIdentity>;
  /** Stores the new certificate, before it is used. Default: it is only in memory. */
  save?(identity: ClientIdentity): Promise<void>;
  /** Called when a renewal fails. The pause before the next try grows each time. */
  onFailed?(error: unknown): void;
}

/** The clock and the randomness of a renewal. Tests hand in their own. */
export interface RenewalTools {
  /** Milliseconds since 1970. */
  date(): number;
  random(): number;
}

const FIRST_RETRY_MS = 1000;
const LAST_RETRY_MS = 300_000;
/** Timers stop while a machine sleeps, so it checks the clock every minute. */
const MOST_SLEEP_MS = 60_000;

/**
 * A certificate that is renewed after two thirds of its lifetime.
 * @throws TypeError if these are not a certificate and its key
 * @example
 * const identity = renewingIdentity({ certificate, key, renew: renewAtGatehouse('https://localhost:9443', { ca }) });
 */
export function renewingIdentity(
  options: RenewingOptions,
  { date, random }: RenewalTools = { date: Date.now, random: Math.random },
): IdentitySource {
  const source = createSource(checked(options.certificate, options.key));
  let jitter = random();
  let failures = 0;
  let due = dueAt(source.current(), jitter);
  const renewIfDue = async () => {
    if (date() < due) return;
    try {
      const { certificate, key } = await options.renew(source.current());
      const next = checked(certificate, key);
      if (date() >= dueAt(next, 0)) throw dueAtOnce();
      await options.save?.(next);
      jitter = random();
      [failures, due] = [0, dueAt(next, jitter)];
      source.change(next);
    } catch (error) {
      failures += 1;
      due =
        date() +
        Math.min(FIRST_RETRY_MS * 2 ** Math.min(failures - 1, 20), LAST_RETRY_MS) * (0.5 + random() / 2);
      options.onFailed?.(error);
    }
  };
  const pause = () => Math.min(Math.max(due - date(), 0), MOST_SLEEP_MS);
  return {
    current: source.current,
    watch: (changed) => source.watch(changed, () => repeat(renewIfDue, pause)),
  };
}

/**
 * After two thirds of the lifetime, plus up to a twentieth, so that many clients do not renew at the same
 * time.
 */
function dueAt({ certificate }: ClientIdentity, jitter: number): number {
  const { validFromDate, validToDate } = new X509Certificate(certificate);
  const [begin, end] = [validFromDate.getTime(), validToDate.getTime()];
  return begin + (end - begin) * (2 / 3 + jitter / 20);
}

function dueAtOnce(): TypeError {
  const message =
    'the new certificate is due for renewal at once: compare the clocks of this machine and the authority';
  return new TypeError(message);
}

function checked(certificate: string, key: string): ClientIdentity {
  readTrust({ certificate, key }); // throws
  return { certificate, key };
}

/** One value and its listeners. `begin` runs while there is a listener. */
function createSource(first: ClientIdentity) {
  let identity = first;
  let stop: (() => void) | undefined;
  const watchers = new Set<(identity: ClientIdentity) => void>();
  return {
    current: () => identity,
    change(next: ClientIdentity) {
      identity = next;
      for (const changed of watchers) changed(next);
    },
    watch(changed: (identity: ClientIdentity) => void, begin: () => () => void) {
      watchers.add(changed);
      stop ??= begin();
      return () => {
        watchers.delete(changed);
        if (watchers.size > 0) return;
        stop?.();
        stop = undefined;
      };
    },
  };
}

/** Runs `work` again and again. Its timer does not keep the process alive. */
function repeat(work: () => Promise<void>, pauseMs: () => number): () => void {
  let stopped = false;
  let timer: NodeJS.Timeout;
  const schedule = () => {
    timer = setTimeout(async () => {
      await work();
      if (!stopped) schedule();
    }, pauseMs());
    timer.unref();
  };
  schedule();
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}
