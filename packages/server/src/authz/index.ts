// Authorization: the policies that administrators apply, and those of the admin API. The decisions themselves
// are in @gatehouse/access.
import type { GatewayRoute, RoleInclusions, RouteTable, SectionPolicy } from '@gatehouse/access';
import type { Identity } from '../identity/index.ts';
import type { Capability, CapabilityDeps, CapabilityKind } from '../platform/capability.ts';
import type { Route } from '../platform/http/route.ts';
import type { Permission } from './permissions/permissions.ts';
import { createPolicyQuestions } from './questions/policy-questions.ts';
import { ask } from './questions/questions.ts';
import { policyRoutes } from './routes.ts';
import type { AuthzSettings } from './settings.ts';
import { authzSettings } from './settings.ts';
import { authzMigrations } from './store.ts';
import type { AppliedPolicies } from './versions/applied-policies.ts';
import { createAppliedPolicies } from './versions/applied-policies.ts';
import { DEFAULT_VERSION, NO_POLICIES } from './versions/default-policies.ts';
import type { PolicyFolder } from './versions/policy-folder.ts';
import { createPolicyFolder, readPolicyFolder } from './versions/policy-folder.ts';
import { createPolicyReader } from './versions/policy-reader.ts';
import { createPolicyTexts } from './versions/policy-texts.ts';
import type { PolicyVersions } from './versions/policy-versions.ts';
import { createPolicyVersions } from './versions/policy-versions.ts';
import { rolesNamedBy } from './vocabulary/named-roles.ts';
import { createPolicyFit } from './vocabulary/policy-fit.ts';
import { schemaFacts } from './vocabulary/schema-facts.ts';

export { formatPolicies } from './language/index.ts';
export type { AdminPolicyDeps } from './permissions/admin-policy.ts';
export { createAdminPolicy } from './permissions/admin-policy.ts';
export { OWN_ACCOUNT, permissionsOf } from './permissions/permissions.ts';
export { roleInclusions } from './settings.ts';
export { isPolicyEvent } from './versions/applied-policies.ts';
export type {
  AppliedPoliciesView,
  CheckedPoliciesView,
  PoliciesView,
  PolicyExplanationView,
  PolicyFindingView,
  PolicyVersionSummaryView,
  PolicyVersionView,
  TestedPoliciesView,
} from './views.ts';

/** The routes and roles that the server serves now. Policies can name them. */
export interface ServedPlaces {
  /** In their order. */
  routes: readonly GatewayRoute[];
  table: RouteTable;
  /** The policies of `allow` and `require` of the routes, by id. */
  generated: ReadonlyMap<string, SectionPolicy>;
  roles: RoleInclusions;
}

export interface Authz extends Capability {
  routes: Route[];
  applied: AppliedPolicies;
  /** Called once, before the routes of the admin API are served. */
  setVocabulary(served: () => ServedPlaces, permissions: readonly Permission[]): void;
  /**
   * Reads the folder of policies, and checks them for the places that will be served. The result is a
   * function that puts them in force. Throws `config_invalid`.
   */
  prepareFolder(folder: string | undefined, served: ServedPlaces): Promise<() => Promise<void>>;
  /** A sentence for each policy in force that does not fit what is served now. */
  policyWarnings(): Promise<string[]>;
}

export const authzCapability: CapabilityKind<
  'authz',
  typeof authzSettings,
  CapabilityDeps & { identity: Identity },
  Authz
> = {
  name: 'authz',
  migrations: authzMigrations,
  settings: authzSettings,
  create({ identity, urls, ...deps }, settings) {
    const initial = settings.policies === undefined ? DEFAULT_VERSION : NO_POLICIES;
    const applied = createAppliedPolicies(deps.database, initial);
    const people = { users: identity.sections.users.entries, services: identity.sections.services.entries };
    const { host } = new URL(urls.gateway);
    let known: { served: () => ServedPlaces; permissions: readonly Permission[] } | undefined;

    function placesNow(served?: ServedPlaces) {
      if (!known) throw new TypeError('setVocabulary was not called yet');
      return { ...(served ?? known.served()), permissions: known.permissions, people, host };
    }

    const facts = (served?: ServedPlaces) => schemaFacts(placesNow(served));
    const generated = () => placesNow().generated;
    const read = createPolicyReader();
    const versions = createPolicyVersions({ ...deps, applied, facts, read });
    const folder = createPolicyFolder(versions);
    const fit = createPolicyFit({ ...deps, applied, facts, read });
    identity.warnAboutAttributes(fit.withAttributes);
    deps.roles.add(() => rolesNamedBy(applied.current.compiled));
    const questions = createPolicyQuestions({
      applied: () => applied.current.compiled,
      generated,
      require: versions.require,
      ask: (question) => ask({ ...deps, ...placesNow() }, question),
    });
    return {
      applied,
      projections: [applied],
      routes: policyRoutes({
        versions: unlessFrom(folder, versions),
        questions,
        texts: createPolicyTexts({ applied, generated, facts }),
      }),
      setVocabulary(served, permissions) {
        known = { served, permissions };
      },
      prepareFolder: (path, served) => folder.prepare(path, facts(served)),
      policyWarnings: fit.now,
      async start() {
        // The configuration may have changed while the server was stopped. Findings go to the log.
        void fit.now();
      },
    };
  },
};

/** Checks that throw what a start would refuse about these settings. */
export function authzChecks({ policies }: AuthzSettings): (() => void)[] {
  return policies === undefined ? [] : [() => readPolicyFolder(policies)];
}

/** Refuses to apply policies by hand while they come from a folder. */
function unlessFrom(folder: PolicyFolder, versions: PolicyVersions): PolicyVersions {
  return {
    ...versions,
    async apply(policies, actor) {
      folder.refuseOtherSources();
      return versions.apply(policies, actor);
    },
    async rollback(version, actor) {
      folder.refuseOtherSources();
      return versions.rollback(version, actor);
    },
  };
}
