// Certificates from files, chosen by the name that a client asks for (RFC 6066 §3). The files are read here,
// in the control plane, and again when they change. With unusable files the server does not start. If they
// become unusable later, the certificate in force stays.
import type { Clock, NamedIdentity } from '@gatehouse/access';
import { GatehouseError } from '@gatehouse/access';
import type { Job } from '../../platform/jobs/jobs.ts';
import type { Log } from '../../platform/log/log.ts';
import type { KeyFiles } from './key-files.ts';
import { readKeyFiles, requireValidity } from './key-files.ts';
import { keyTypesOf } from './key-types.ts';
import type { WatchedFiles } from './watched-files.ts';
import { WATCH_INTERVAL_SECONDS, watchFiles } from './watched-files.ts';

export interface WatchedCertificates {
  /** The certificates in force, each under the name of its setting. */
  entries(): readonly [key: string, identity: NamedIdentity][];
  /** Checks whether files have changed. */
  watch: Job;
}

export interface WatchDeps {
  clock: Clock;
  log: Pick<Log, 'event'>;
  /** Why the running workers cannot use keys of these types; undefined if they can. */
  obstacle(keyTypes: readonly string[]): string | undefined;
  /** Resolves when every worker presents the new certificate. */
  present(key: string, identity: NamedIdentity): Promise<void>;
}

interface Watched {
  key: string;
  files: KeyFiles;
  watch: WatchedFiles;
  identity: NamedIdentity;
}

/** Reads all files. Throws `config_invalid`, naming the setting and the file. */
export function watchCertificates(deps: WatchDeps, settings: readonly KeyFiles[]): WatchedCertificates {
  const watched = settings.map((files, index): Watched => {
    const key = `gateway.certificates.${index}`;
    const watch = watchFiles(Object.values(files).filter((path) => path !== undefined));
    return { key, files, watch, identity: readAtStart(files, index, deps) };
  });

  async function check(its: Watched): Promise<void> {
    if (!its.watch.haveChanged()) return;
    const { certificate } = its.files;
    let identity: NamedIdentity;
    try {
      identity = readIdentity(its.files, deps);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      deps.log.event('gateway.certificate_refused', { certificate, reason });
      return;
    }
    const reason = deps.obstacle(keyTypesOf(identity.certificateChain));
    if (reason !== undefined) {
      deps.log.event('gateway.certificate_unusable', { certificate, reason });
      return;
    }
    its.identity = identity;
    await deps.present(its.key, identity);
    deps.log.event('gateway.certificate_in_force', { certificate, names: identity.names });
  }

  return {
    entries: () => watched.map(({ key, identity }) => [key, identity]),
    watch: {
      name: 'read changed certificates of gateway.certificates',
      intervalSeconds: WATCH_INTERVAL_SECONDS,
      async run() {
        for (const its of watched) await check(its);
      },
    },
  };
}

function readAtStart(files: KeyFiles, index: number, deps: WatchDeps): NamedIdentity {
  try {
    return readIdentity(files, deps);
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/\.$/, '') : String(error);
    const detail = `Certificate ${files.certificate} (gateway.certificates[${index}]) is not valid: ${reason}.`;
    throw new GatehouseError('config_invalid', detail, { cause: error });
  }
}

const SOON_MS = 7 * 86_400_000;

/** Throws an `Error` that names the file and the reason. */
function readIdentity(files: KeyFiles, { clock, log }: Pick<WatchDeps, 'clock' | 'log'>): NamedIdentity {
  const { certificate } = files;
  const { leaf, privateKey, certificateChain } = readKeyFiles(files);
  requireValidity(certificate, leaf, clock.now());
  const names = leaf.subjectAltNames.flatMap((name) =>
    name.type === 'dNSName' ? [name.value.toLowerCase()] : [],
  );
  if (names.length === 0)
    throw new Error(
      `${certificate} names no host (subjectAltName), so no client would get it: use a certificate with host names`,
    );
  if (leaf.notAfter.getTime() - clock.now() < SOON_MS) {
    log.event('gateway.certificate_ends', { certificate, notAfter: leaf.notAfter });
  }
  return { names, privateKey, certificateChain };
}
