// Everything that changes by itself while the server runs. Renews the certificate of our listeners, its
// stapled answer and the revocation lists, and rotates the intermediate. Gives the changes to the listeners,
// and repeats that if it failed.
import type { Job } from '../../platform/jobs/jobs.ts';
import type { Log } from '../../platform/log/log.ts';
import { SYSTEM } from '../events.ts';
import type { RevocationLists } from '../revocation/revocation-lists.ts';
import type { StoredCertificate } from '../store/store.ts';
import type { CaSettings } from '../types.ts';
import type { ServerCertificate, ServerCertificateDeps } from './server-certificate.ts';
import { issueServerCertificate, staple } from './server-certificate.ts';
import type { SigningCertificate } from './signing-certificate.ts';

export interface Listening {
  /** Issues the first certificate and presents it. */
  open(): Promise<void>;
  /** The certificate in force. */
  certificate(): ServerCertificate;
  renewal: Job;
  /** Puts a new hierarchy to use: lists, our own certificate, and the roots for clients. */
  hierarchyChanged(): Promise<void>;
  /**
   * Called after a revocation. Replaces our certificate if it was revoked, and its stapled answer if the
   * revoked delegate signed it. Verifies clients' certificates by the remaining authorities.
   */
  afterRevocation(revoked: Pick<StoredCertificate, 'serialNumber' | 'profile'>): Promise<void>;
}

export interface ListeningDeps extends ServerCertificateDeps {
  lists: RevocationLists;
  log: Pick<Log, 'event'>;
  /** It changes at the same times as the certificate. */
  signing: SigningCertificate;
  writeRoots(rootsPem: string): void;
  /**
   * Reads the authorities again. Retired ones leave when the last certificate that they signed has expired.
   */
  refreshHierarchy(): Promise<void>;
  /** Resolves when every listener presents the result of `certificate()`. */
  present(): Promise<void>;
}

const MAX_CHECK_INTERVAL_SECONDS = 60;
// How long retired authorities stay after the last certificate that they signed has expired.
const REFRESH_INTERVAL_MS = 3_600_000;
// The number of checks in the shortest lifetime.
const CHECKS = 20;

export function createListening(deps: ListeningDeps, settings: CaSettings): Listening {
  const { authorities, lists, clock, ownRecords } = deps;
  let issued: ServerCertificate | undefined;
  let handedOut = true;
  let refreshAt = clock.now() + REFRESH_INTERVAL_MS;

  function certificate(): ServerCertificate {
    if (issued) return issued;
    throw new TypeError('there is no certificate before open()');
  }

  async function reissue(): Promise<void> {
    issued = await issueServerCertificate(deps, settings);
    handedOut = false;
  }

  async function restaple(): Promise<void> {
    issued = await staple(deps, certificate());
    handedOut = false;
  }

  async function rotate(): Promise<void> {
    const [root] = authorities.current().roots;
    if (!root.signer) {
      deps.log.event('ca.intermediate_ends', {
        notAfter: authorities.current().intermediates[0].certificate.notAfter,
      });
      return;
    }
    await authorities.rotate(SYSTEM);
    await apply();
  }

  async function apply(): Promise<void> {
    deps.writeRoots(authorities.current().rootsPem);
    await lists.refresh();
    await reissue();
    await deps.signing.reissue();
  }

  // Each of these steps compares dates with now. So after the clock was set back, it also replaces everything
  // that begins in the future.

  async function refreshAuthorities(): Promise<void> {
    const now = clock.now();
    if (now < refreshAt && now >= refreshAt - REFRESH_INTERVAL_MS) return;
    await deps.refreshHierarchy();
    refreshAt = now + REFRESH_INTERVAL_MS;
  }

  async function refreshLists(): Promise<void> {
    // The gateway refuses the client certificates that are on the lists.
    if (await lists.refresh()) handedOut = false;
  }

  async function rotateInTime(): Promise<void> {
    if (authorities.mustRotate(clock.now())) await rotate();
  }

  async function renew(): Promise<void> {
    authorities.requireClock();
    const now = clock.now();
    const { validFrom, renewAt, stapledAt, stapleAt } = certificate();
    if (now < validFrom || now >= renewAt) return reissue();
    if (now < stapledAt || now >= stapleAt) await restaple();
  }

  async function handOut(): Promise<void> {
    if (handedOut) return;
    await deps.present();
    handedOut = true;
  }

  return {
    async open() {
      await reissue();
      await handOut();
    },
    certificate,
    renewal: {
      name: 'renew the certificates of the listeners',
      intervalSeconds: Math.min(
        MAX_CHECK_INTERVAL_SECONDS,
        Math.min(settings.serverLifetime, settings.crlLifetime, settings.ocspLifetime) / CHECKS,
      ),
      run: () =>
        attemptAll([
          ownRecords.recordWaiting,
          refreshAuthorities,
          refreshLists,
          rotateInTime,
          renew,
          deps.signing.renew,
          handOut,
        ]),
    },
    async hierarchyChanged() {
      await apply();
      await handOut();
    },
    async afterRevocation({ serialNumber, profile }) {
      const current = certificate();
      await deps.signing.afterRevocation(serialNumber);
      if (serialNumber === current.serialNumber) await reissue();
      else if (serialNumber === current.stapledBy) await restaple();
      else if (profile === 'intermediate') handedOut = false;
      await handOut();
    },
  };
}

/** Runs all steps in order, even if one fails, and then throws the first error. */
async function attemptAll(steps: (() => Promise<void>)[]): Promise<void> {
  const errors: unknown[] = [];
  for (const step of steps) await step().catch((error) => errors.push(error));
  if (errors.length > 0) throw errors[0];
}
