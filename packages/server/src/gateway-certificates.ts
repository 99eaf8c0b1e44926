// Puts the certificates of `gateway.certificates` into the section `tls`, beside our own. The job that it returns
// does so again when their files change.
import type { NamedIdentity } from '@gatehouse/access';
import type { Capabilities } from './capabilities.ts';
import type { Config } from './config.ts';
import type { Foundation } from './foundation.ts';
import { watchCertificates } from './gateway/index.ts';
import type { Job } from './platform/jobs.ts';

export interface CertificateSources {
  config: Config;
  foundation: Foundation;
  capabilities: Capabilities;
  /** Why the running workers cannot use keys of these types; undefined if they can. */
  obstacle(keyTypes: readonly string[]): string | undefined;
}

/** Reads the files. Throws `config_invalid`, naming the setting and the file. */
export async function serveCertificateFiles(sources: CertificateSources): Promise<Job[]> {
  const { config, foundation, capabilities, obstacle } = sources;
  if (config.gateway.certificates.length === 0) return [];
  const { feed, clock, log } = foundation;
  const { tls } = capabilities.ca.sections;

  async function present(key: string, identity: NamedIdentity): Promise<void> {
    try {
      await feed.alter(() => tls.put(key, identity));
    } catch (error) {
      tls.markChanged();
      throw error;
    }
  }

  const certificates = watchCertificates({ clock, log, obstacle, present }, config.gateway.certificates);
  for (const [key, identity] of certificates.entries()) await present(key, identity);
  return [certificates.watch];
}
