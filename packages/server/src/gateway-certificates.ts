// Puts the certificates of `gateway.certificates` into the section `tls`, beside our own, and again when their
// files change.
import type { NamedIdentity } from '@gatehouse/access';
import type { Capabilities } from './capabilities.ts';
import type { Config } from './config.ts';
import type { Foundation } from './foundation.ts';
import { watchCertificates } from './gateway/index.ts';

export interface CertificateSources {
  config: Config;
  foundation: Foundation;
  capabilities: Capabilities;
}

/** Reads the files and begins to watch them. Throws `config_invalid`, naming the setting and the file. */
export async function serveCertificateFiles(sources: CertificateSources): Promise<void> {
  const { config, foundation, capabilities } = sources;
  if (config.gateway.certificates.length === 0) return;
  const { feed, jobs, clock, log } = foundation;
  const { tls } = capabilities.ca.sections;

  async function present(key: string, identity: NamedIdentity): Promise<void> {
    try {
      await feed.alter(() => tls.put(key, identity));
    } catch (error) {
      tls.markChanged();
      throw error;
    }
  }

  const certificates = watchCertificates({ clock, log, present }, config.gateway.certificates);
  for (const [key, identity] of certificates.entries()) await present(key, identity);
  jobs.start(certificates.watch);
}
