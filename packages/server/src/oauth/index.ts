// OAuth 2.1 and OpenID Connect: the authorization server. Programs get access tokens for themselves, and for
// people who allow it.

import { readFileSync } from 'node:fs';
import type { MtlsWay } from '@gatehouse/access';
import { GatehouseError, mtlsWay } from '@gatehouse/access';
import type { CaSections } from '../ca/index.ts';
import type { Identity } from '../identity/index.ts';
import { pageErrors } from '../identity/index.ts';
import { isKeyringEvent } from '../keyring/index.ts';
import type { Capability, CapabilityDeps, CapabilityKind } from '../platform/capability.ts';
import type { Projection } from '../platform/feed/feed.ts';
import type { Job } from '../platform/jobs/jobs.ts';
import { readingProblem } from '../platform/problems/file-problem.ts';
import { readSystemRoots } from '../platform/tls/system-roots.ts';
import { clientRoutes } from './client/client-routes.ts';
import { createClients } from './client/clients.ts';
import { createKnownClients } from './client/known-clients.ts';
import type { RegistrationDeps } from './client/registration.ts';
import { registrationRoute, removeForgotten } from './client/registration.ts';
import type { ClientDocuments, ClientDocumentsDeps } from './client-document/client-documents.ts';
import { createClientDocuments } from './client-document/client-documents.ts';
import { createDestinations } from './client-document/destinations.ts';
import { createApprovedUrls } from './client-document/document-url.ts';
import { createFetchJson } from './client-document/fetch-json.ts';
import { followIdentity } from './identity-changes.ts';
import { createCertificates } from './provider/certificates.ts';
import { ENDPOINTS } from './provider/configuration.ts';
import { createConsents } from './provider/consents.ts';
import { createDeviceLimits } from './provider/device-limits.ts';
import { interactionRoutes } from './provider/interaction-routes.ts';
import { createOutbound } from './provider/outbound.ts';
import type { OidcProvider } from './provider/provider.ts';
import { createOidcProvider } from './provider/provider.ts';
import { pruning } from './pruning.ts';
import { endpointRoutes } from './routes.ts';
import type { OauthSections } from './sections.ts';
import { createOauthSections } from './sections.ts';
import type { OauthSettings } from './settings.ts';
import { oauthSettings } from './settings.ts';
import { oauthMigrations } from './store/migrations.ts';
import { createOauthStore } from './store/store.ts';
import { createActiveTokens } from './token/active-token.ts';
import { createClientCredentials } from './token/client-credentials.ts';
import { createIssuedTokens } from './token/issued-tokens.ts';
import { createMint } from './token/mint.ts';
import { oauthErrors } from './token/oauth-error.ts';
import { createResources } from './token/resources.ts';
import { createRevocations } from './token/revocations.ts';
import { createTokenExchange } from './token/token-exchange.ts';

export { requireAdminScope, withoutOwnAccount } from './admin-scope.ts';
export type { ClientView, CreatedClientView, RotatedSecretView } from './client/views.ts';
export type { OauthSections } from './sections.ts';

export interface Oauth extends Capability {
  sections: OauthSections;
}

type OauthNeeds = CapabilityDeps & { identity: Identity; ca: { sections: CaSections; roots(): string } };

export const oauthCapability: CapabilityKind<'oauth', typeof oauthSettings, OauthNeeds, Oauth> = {
  name: 'oauth',
  migrations: oauthMigrations,
  settings: oauthSettings,
  create: createOauth,
};

function createOauth(deps: OauthNeeds, settings: OauthSettings): Oauth {
  const { database, clock, log, urls, identity, refusals } = deps;
  const { keys, lifetimeSeconds } = identity.tokenSigning;
  const store = createOauthStore();
  const clients = createClients({ ...deps, store, owners: identity.owners });
  const sections = createOauthSections(database, store);
  const known = principalsOf(identity, sections);
  const knownClients = createKnownClients(database, store);
  const shared = { ...deps, ...known, store, knownClients, keys, lifetimeSeconds, issuer: urls.control };
  const resources = createResources(urls.gateway);
  const mint = createMint(keys, urls.control, clock);
  const revocations = createRevocations(shared);
  const activeTokens = createActiveTokens(shared);
  const consents = createConsents(shared);
  const refused = (error: string, address: string) =>
    refusals.count({ type: 'oauth.refused', subject: error, address });
  const oidc = createOidcProvider(
    {
      ...shared,
      sessions: identity.sessions,
      resources,
      revocations,
      activeTokens,
      issuedTokens: createIssuedTokens(shared),
      exchange: createTokenExchange({ ...shared, activeTokens, mint, resources }),
      consents,
      certificates: createCertificates(certificateWay(deps, known)),
      documents: documentsOf({ ...shared, clients }, settings.clientIdMetadataDocuments),
      fetch: createOutbound(rootsFor(deps, settings)),
      refused,
    },
    settings,
  );
  const errors = oauthErrors(log);
  const registration = { database, store, clock, clients, errors };
  followIdentity(shared);

  return {
    sections,
    start: async () => oidc.start(),
    projections: [knownClients, keyWatch(oidc)],
    jobs: [pruning(deps, store, sections), forgetting(registration), ...oidc.jobs],
    routes: [
      ...clientRoutes(clients, identity.roleWarnings),
      ...(settings.registration ? [registrationRoute(registration, ENDPOINTS.registration)] : []),
      ...endpointRoutes({
        oidc,
        clientCredentials: createClientCredentials({ ...shared, mint, resources }),
        deviceLimits: createDeviceLimits(clock),
        sessions: identity.sessions,
        origin: urls.control,
        errors,
        refused: ({ error }, address) => refused(error, address),
      }),
      ...interactionRoutes({
        oidc,
        sessions: identity.sessions,
        clock,
        adminRequirement: deps.adminRequirement,
        consents,
        origin: urls.control,
        errors: pageErrors(log),
      }),
    ],
  };
}

/** Undefined if the setting does not allow them. Throws `config_invalid`. */
function documentsOf(
  deps: Omit<ClientDocumentsDeps, 'fetchJson' | 'approved'>,
  { enabled, approved, networks, ca }: OauthSettings['clientIdMetadataDocuments'],
): ClientDocuments | undefined {
  if (!enabled) return undefined;
  const destinations = createDestinations(networks);
  const roots = ca === undefined ? undefined : authoritiesIn(ca, 'clientIdMetadataDocuments.ca');
  const fetchJson = createFetchJson({ destinations, ca: roots });
  return createClientDocuments({ ...deps, fetchJson, approved: createApprovedUrls(approved) });
}

/** The roots of the system are read at the first use. Our own change when the root is replaced. */
function rootsFor({ ca, log }: OauthNeeds, { backChannelCa: path }: OauthSettings): () => string {
  const more = path === undefined ? '' : authoritiesIn(path, 'backChannelCa');
  let system: string | undefined;
  return () => {
    system ??= readSystemRoots(log);
    return `${system}${more}\n${ca.roots()}`;
  };
}

function authoritiesIn(path: string, name: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const problem = readingProblem(cause);
    if (problem === undefined) throw cause;
    throw new GatehouseError('config_invalid', `Setting oauth.${name}: ${path} cannot be read: ${problem}.`, {
      cause,
    });
  }
}

function principalsOf({ sections }: Identity, own: OauthSections) {
  const { users, keys, services, sessions, endedSignIns } = sections;
  return {
    gatewaySessions: sessions.entries,
    endedSignIns: endedSignIns.entries,
    users: users.entries,
    apiKeys: keys.entries,
    services: services.entries,
    clients: own.clients.entries,
    revocations: own.revocations.entries,
  };
}

/** Checks client certificates in the same way as the control listener. */
function certificateWay({ ca, clock }: OauthNeeds, known: ReturnType<typeof principalsOf>): MtlsWay {
  const { issuers, certificates } = ca.sections;
  return mtlsWay({ issuers: issuers.entries, certificates: certificates.entries }, known, clock);
}

/** oidc-provider uses the signing keys with which it was created. */
function keyWatch(oidc: OidcProvider): Projection {
  return {
    name: 'keys of the authorization server',
    build: async () => oidc.keysChanged(),
    advance(events) {
      if (events.some(isKeyringEvent)) oidc.keysChanged();
    },
  };
}

const FORGET_SECONDS = 3600;

function forgetting(deps: RegistrationDeps): Job {
  return {
    name: 'remove OAuth clients that were not approved',
    intervalSeconds: FORGET_SECONDS,
    run: () => removeForgotten(deps),
  };
}
