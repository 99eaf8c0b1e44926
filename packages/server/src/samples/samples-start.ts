// Starts the sample services, which are behind the gateway if no upstream is configured.
import { serveSamples } from '@gatehouse/samples';
import type { Capabilities } from '../capabilities.ts';
import type { Config } from '../config.ts';
import type { Foundation } from '../foundation.ts';
import { listenFailure } from '../platform/listening/listener.ts';

const SAMPLES_GRACE_SECONDS = 1;

export interface SamplesDeps {
  foundation: Foundation;
  capabilities: Capabilities;
  config: Config;
  /** The keys of `SECRET_KEY`. */
  secretKeys: string[] | undefined;
}

/** Starts the sample services, and returns their origin. Throws `listen_failed`. */
export async function startSamples(
  { config, foundation, capabilities, secretKeys }: SamplesDeps,
  stack: AsyncDisposableStack,
): Promise<string> {
  const { folder, log } = foundation;
  const { channel } = capabilities;
  const { listen, tokenLifetime: tokenLifetimeSeconds } = config.samples;
  const { host, port } = listen;
  const samples = await serveSamples({
    host,
    port,
    secretKeys,
    tokenLifetimeSeconds,
    folder: folder.file('samples'),
    log(entry) {
      if (entry.event === 'encrypted.refused') channel.countSampleMessage(entry.reason);
      if (entry.event === 'encrypted.decrypted') channel.countSampleMessage('decrypted');
      const { event, ...facts } = entry;
      log.event(`samples.${event}`, facts);
    },
    encrypted: await channel.endpointOptions(),
    drainSeconds: SAMPLES_GRACE_SECONDS,
  }).catch((error: NodeJS.ErrnoException) => {
    throw listenFailure(error, listen, 'samples.listen');
  });
  stack.defer(() => samples.close());
  return samples.url;
}
