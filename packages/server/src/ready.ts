// What a person or a program needs to know of a server that just started, and the files that say it.
import type { Capabilities } from './capabilities.ts';
import type { Config } from './config.ts';
import type { InitialPassword } from './identity/index.ts';
import { ADMINISTRATOR } from './identity/index.ts';
import type { Places } from './places.ts';
import type { DataFolder } from './platform/data-folder.ts';

export interface ReadyFacts {
  /** URLs. */
  gateway: string;
  control: string;
  pki: string;
  /** Null when an upstream is configured. */
  samples: string | null;
  upstream: string | null;
  /** Path of root.pem. */
  rootCertificate: string;
  /** `sha256/` and base64. */
  rootFingerprint: string;
  /** Where the first password waits, until it is replaced. */
  administrator: { name: string; passwordFile: string | null };
}

const PASSWORD_FILE = 'admin-password';
export const ROOT_FILE = 'root.pem';

export interface ReadySources {
  config: Config;
  folder: DataFolder;
  capabilities: Capabilities;
  places: Places;
  /** The origin of the sample services, where they run. */
  samples: string | undefined;
}

export function readyFacts({ config, folder, capabilities, places, samples }: ReadySources): ReadyFacts {
  return {
    gateway: places.gateway.url,
    control: places.control.url,
    pki: places.pki.url,
    samples: samples ?? null,
    upstream: config.gateway.upstream ?? null,
    rootCertificate: folder.file(ROOT_FILE),
    rootFingerprint: capabilities.ca.rootFingerprint(),
    administrator: {
      name: ADMINISTRATOR,
      passwordFile: folder.read(PASSWORD_FILE) === undefined ? null : folder.file(PASSWORD_FILE),
    },
  };
}

/** The administrator's first password lies in a file of the data folder until it is replaced. */
export function initialPasswordFile(folder: DataFolder): InitialPassword {
  return {
    announce: (password) => folder.write(PASSWORD_FILE, `${password}\n`),
    forget: () => folder.remove(PASSWORD_FILE),
  };
}
