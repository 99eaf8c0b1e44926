// Finds the mistakes in the settings under `ca` that a start would refuse.
import { createProfile } from './certificates/profiles.ts';
import { parseOwnName } from './listening/own-certificate.ts';
import type { CaSettings } from './settings.ts';

/** Each throws `config_invalid`. */
export function caChecks({ names, profiles, trustDomain }: CaSettings): (() => unknown)[] {
  return [
    () => names.map(parseOwnName),
    ...Object.entries(profiles).map(
      ([name, profile]) =>
        () =>
          createProfile(name, profile, trustDomain),
    ),
  ];
}
