// Sealed requests: the keys with which the gateway opens them, which are replaced daily, and their signed
// offer (docs/wire/oblivious-http.md). The workers open the requests themselves.
import type { Sealing } from '@gatehouse/access';
import type { Ca } from '../ca/index.ts';
import type { Capability, CapabilityDeps, CapabilityKind } from '../platform/capability.ts';
import { createOwnSection } from '../platform/feed/section.ts';
import { firstSecondAfter } from '../platform/short-lived/claim-rows.ts';
import type { Offer } from './offer.ts';
import { createOffer } from './offer.ts';
import { createSealingKeys } from './sealing-keys.ts';
import type { SealingSettings } from './settings.ts';
import { sealingSettings } from './settings.ts';
import { readGenerations, sealingMigrations } from './store.ts';

type SealingNeeds = CapabilityDeps & { ca: Pick<Ca, 'signing'> };

const CHECK_SECONDS = 1;

export const sealingCapability: CapabilityKind<'sealing', typeof sealingSettings, SealingNeeds, Capability> =
  {
    name: 'sealing',
    migrations: sealingMigrations,
    settings: sealingSettings,
    create: createSealing,
  };

async function createSealing(deps: SealingNeeds, settings: SealingSettings): Promise<Capability> {
  const { ca, clock, claims, feed, database, urls, gatewayPort } = deps;
  const section = createOwnSection<Sealing>('sealing', []);
  if (!settings.enabled) return { sections: { sealing: section } };
  const keys = createSealingKeys(deps, settings.keyLifetime);
  // A restart forgets which requests were accepted.
  const isFirstStart = (await readGenerations(database.read)).length === 0;
  const notBefore = isFirstStart ? 0 : firstSecondAfter(clock.now());
  /** The run of the clock in which all keys were made. */
  let run: number | undefined;
  const ports = [...new Set([gatewayPort, portOf(urls.gateway)])];

  function entry({ offer, signatures }: Offer): Sealing {
    const { window: windowSeconds, maxBytes } = settings;
    const all = keys.generations().flatMap((generation) => generation.keys);
    return { keys: all, offer, signatures, windowSeconds, maxBytes, notBefore, run };
  }

  /** Gives the workers the keys and the signatures that are now in force. */
  async function present(): Promise<void> {
    const [newest] = keys.generations();
    if (!newest) return;
    const offer = await createOffer(newest, await ca.signing.use(), ports);
    await feed.alter(() => section.put('default', entry(offer)));
  }

  /**
   * Does the steps that are due. After the clock was set back, old sealed requests could be valid again, so
   * it replaces all keys at once.
   */
  async function renew(): Promise<void> {
    const next = claims.run;
    if (run === next || !claims.isInDoubt()) return keys.advance();
    await keys.replaceAll();
    run = next;
  }

  async function advance(): Promise<void> {
    const before = keys.generations();
    await renew();
    if (keys.generations() !== before) await present();
  }

  ca.signing.onChange(present);
  return {
    projections: [keys.projection],
    sections: { sealing: section },
    async open() {
      await renew();
      await present();
    },
    jobs: [{ name: 'replace the keys of sealed requests', intervalSeconds: CHECK_SECONDS, run: advance }],
  };
}

function portOf(url: string): number {
  const { port } = new URL(url);
  return port === '' ? 443 : Number(port);
}
