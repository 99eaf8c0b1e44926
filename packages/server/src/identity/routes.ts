// Identity over HTTP: sign-in, the key set, second factors, and administration of users, groups, API keys and
// services.
import type { Clock } from '@gatehouse/access';
import type { SigningKeys } from '../keyring/index.ts';
import type { Route } from '../platform/http/route.ts';
import type { RoleWarnings } from '../platform/known-roles.ts';
import type { TokenNames } from './access-token.ts';
import { factorRoutes } from './factors/factor-routes.ts';
import type { Factors } from './factors/factors.ts';
import { groupRoutes } from './groups/group-routes.ts';
import type { Groups } from './groups/groups.ts';
import { keyRoutes } from './keys/key-routes.ts';
import type { Keys } from './keys/keys.ts';
import { passkeyAdminRoute } from './passkeys/passkey-admin-route.ts';
import type { Passkeys } from './passkeys/passkeys.ts';
import { digestPasswordRoutes } from './passwords/digest-password-routes.ts';
import type { DigestPasswords } from './passwords/digest-passwords.ts';
import type { PasswordResets } from './passwords/password-resets.ts';
import type { Links } from './providers/links.ts';
import { serviceRoutes } from './services/service-routes.ts';
import type { Services } from './services/services.ts';
import type { Authentication } from './sign-in/authentication.ts';
import { signInRoutes } from './sign-in/sign-in-routes.ts';
import type { SignIns } from './sign-in/sign-ins.ts';
import type { AttributeWarnings } from './users/attributes.ts';
import { userRoutes } from './users/user-routes.ts';
import type { Users } from './users/users.ts';

export interface IdentityRouteDeps {
  users: Users;
  digestPasswords: DigestPasswords;
  groups: Groups;
  keys: Keys;
  services: Services;
  factors: Factors;
  resets: PasswordResets;
  authentication: Authentication;
  signIns: SignIns;
  signingKeys: Pick<SigningKeys, 'keySet'>;
  clock: Clock;
  names: TokenNames;
  warningsFor: RoleWarnings;
  attributeWarnings: AttributeWarnings;
  links: Pick<Links, 'listOf'>;
  passkeys: Passkeys;
}

export function identityRoutes(deps: IdentityRouteDeps): Route[] {
  const { digestPasswords, groups, keys, factors, passkeys, clock, names, warningsFor } = deps;
  return [
    ...signInRoutes(deps),
    ...userRoutes({ ...deps, issuer: names.issuer }),
    ...digestPasswordRoutes(digestPasswords),
    ...groupRoutes(groups, warningsFor),
    ...factorRoutes(factors, passkeys),
    passkeyAdminRoute(passkeys),
    ...keyRoutes(keys, clock, warningsFor),
    ...serviceRoutes(deps),
  ];
}
