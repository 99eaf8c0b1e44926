// The checks of a start for the settings under `identity`.
import { readProviderRoots } from './providers/provider-roots.ts';
import { readSecret } from './providers/provider-secret.ts';
import type { IdentitySettings } from './settings.ts';

/** Each throws `config_invalid`. */
export function identityChecks({ providers }: Pick<IdentitySettings, 'providers'>): (() => unknown)[] {
  return providers.flatMap((provider) => {
    const { name, ca, clientSecretFile } = provider;
    return [
      () => ca !== undefined && readProviderRoots({ name, ca }),
      () => clientSecretFile !== undefined && readSecret({ name, clientSecretFile }, {}),
    ];
  });
}
