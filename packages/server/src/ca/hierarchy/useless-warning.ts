// Warns at each start if a kind of certificate would be useless below the intermediate in force. An import
// refuses such an intermediate, but the settings may have changed since, or an earlier version may have
// imported it.
import type { Clock } from '@gatehouse/access';
import type { Log } from '../../platform/log/log.ts';
import type { CaSettings } from '../types.ts';
import type { Hierarchy } from './hierarchy.ts';
import { isIssuedBy } from './hierarchy.ts';
import { ownNames } from './own-names.ts';
import { trialFailure } from './trial.ts';

export interface UselessWarningDeps {
  clock: Clock;
  log: Pick<Log, 'event'>;
}

/** Our own intermediates have no restrictions, so only those from elsewhere are tried. */
export function warnOfUseless(
  { clock, log }: UselessWarningDeps,
  { roots, intermediates: [inForce] }: Hierarchy,
  settings: CaSettings,
): void {
  const root = roots.find((each) => isIssuedBy(inForce, each)) ?? roots[0];
  if (root.signer) return;
  const chain = {
    intermediate: inForce.certificate,
    root: root.certificate,
    signer: inForce.signer,
    now: clock.now(),
  };
  const { name: organization, profiles, trustDomain } = settings;
  const reason = trialFailure(chain, { organization, names: ownNames(settings), profiles, trustDomain });
  if (reason === undefined) return;
  log.event('ca.useless_certificates', { reason });
}
