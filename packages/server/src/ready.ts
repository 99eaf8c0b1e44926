// The facts about a started server for people and programs, and the file with which commands find it.
import { isDiskFull } from '@gatehouse/access';
import { ROOT_FILE } from './ca/index.ts';
import type { Capabilities } from './capabilities.ts';
import type { Foundation } from './foundation.ts';
import { ADMINISTRATOR, initialPasswordFile } from './identity/index.ts';
import type { Places } from './places.ts';
import type { DataFolder } from './platform/data-folder/data-folder.ts';
import type { Job } from './platform/jobs/jobs.ts';
import type { ConfigurationState, ConfigurationSummary } from './settings/configuration-state.ts';

/** The addresses of a started server, and the root to trust. */
export interface ReadyFacts {
  /** URLs. */
  gateway: string;
  control: string;
  pki: string;
  /** Null if an upstream is configured. */
  samples: string | null;
  upstream: string | null;
  /** Path of root.pem. */
  rootCertificate: string;
  /** `sha256/` and base64. */
  rootFingerprint: string;
  /** The configuration in force and its file. */
  configuration: ConfigurationSummary;
  /** The file with the first password, until it is replaced. */
  administrator: { name: string; passwordFile: string | null };
}

/** The addresses of the running server, for the command line. */
const CONTROL_FILE = 'control.json';
const RETRY_SECONDS = 60;

export interface ReadySources {
  configuration: Pick<ConfigurationState, 'summary' | 'config'>;
  folder: DataFolder;
  capabilities: Capabilities;
  places: Places;
  /** The origin of the sample services, if they run. */
  samples: string | undefined;
}

export function readyFacts(sources: ReadySources): ReadyFacts {
  const { configuration, folder, capabilities, places, samples } = sources;
  return {
    gateway: places.gateway.url,
    control: places.control.url,
    pki: places.pki.url,
    samples: samples ?? null,
    upstream: configuration.config().gateway.upstream ?? null,
    rootCertificate: folder.file(ROOT_FILE),
    rootFingerprint: capabilities.ca.rootFingerprint(),
    configuration: configuration.summary(),
    administrator: {
      name: ADMINISTRATOR,
      passwordFile: initialPasswordFile(folder) ?? null,
    },
  };
}

/**
 * Writes the file with which commands find this server. If the disk is full, the server starts without it,
 * and writes it when there is space.
 */
export async function announce(
  { folder, jobs, log }: Pick<Foundation, 'folder' | 'jobs' | 'log'>,
  facts: ReadyFacts & { socket: string; pid: number },
  stack: AsyncDisposableStack,
): Promise<void> {
  let written = false;
  const job: Job = {
    name: 'write entries that wait for space on the disk',
    intervalSeconds: RETRY_SECONDS,
    async run() {
      if (!written) folder.write(CONTROL_FILE, JSON.stringify(facts));
      written = true;
      if (!folder.reserve.make()) log.event('disk.full');
    },
  };
  stack.defer(() => folder.remove(CONTROL_FILE));
  await job.run().catch((error) => {
    if (!isDiskFull(error)) throw error;
    log.event('control.not_announced', { error });
  });
  jobs.start(job);
}
