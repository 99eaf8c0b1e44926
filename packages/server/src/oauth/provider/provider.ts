// oidc-provider behind a small interface. It is loaded on first use, because loading takes memory and time.
// It is created again when a signing key changes.
import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import type { Clock, ServiceFacts, StepUpRequirement, UserFacts } from '@gatehouse/access';
import { FIRST_PARTY_CLIENT } from '@gatehouse/access';
import type { Adapter, KoaContextWithOIDC, Provider } from 'oidc-provider';
import type { Sessions } from '../../identity/index.ts';
import type { SigningKeys } from '../../keyring/index.ts';
import type { Events } from '../../platform/feed/events.ts';
import type { Job } from '../../platform/jobs/jobs.ts';
import type { KeyStore } from '../../platform/keys/key-store.ts';
import { createSealing } from '../../platform/keys/row-sealing.ts';
import type { Log } from '../../platform/log/log.ts';
import type { Database } from '../../platform/store/database.ts';
import type { KnownClients } from '../client/known-clients.ts';
import { provesClient } from '../client/known-clients.ts';
import type { ClientDocuments } from '../client-document/client-documents.ts';
import { DocumentError } from '../client-document/destinations.ts';
import type { OauthSettings } from '../settings.ts';
import type { ArtifactRow } from '../store/rows.ts';
import type { OauthStore } from '../store/store.ts';
import type { ActiveTokens } from '../token/active-token.ts';
import type { IssuedTokens } from '../token/issued-tokens.ts';
import { OauthError } from '../token/oauth-error.ts';
import type { Resources } from '../token/resources.ts';
import type { Revocations } from '../token/revocations.ts';
import type { TokenExchange } from '../token/token-exchange.ts';
import type { Artifacts } from './artifacts.ts';
import { createArtifacts } from './artifacts.ts';
import { askBeforeSignOut } from './ask-before-sign-out.ts';
import type { BackChannel } from './back-channel.ts';
import { createBackChannel } from './back-channel.ts';
import type { Certificates } from './certificates.ts';
import { firstPartyMetadata, providerMetadata, TOKEN_EXCHANGE } from './client-metadata.ts';
import { providerConfiguration } from './configuration.ts';
import type { Consents } from './consents.ts';
import type { LogoutMessage, LogoutMessagesDeps } from './logout-messages.ts';
import { createLogoutMessages, storeLogouts } from './logout-messages.ts';
import { sessionOf, signInPolicy } from './policy.ts';
import { useUpPushedRequests } from './pushed-requests.ts';
import { showForms } from './self-submitting.ts';
import { tokenAdapter } from './token-adapter.ts';

export interface OidcProviderDeps {
  issuer: string;
  clock: Clock;
  log: Log;
  events: Events;
  database: Database;
  store: OauthStore;
  keyStore: Pick<KeyStore, 'loadOrCreate'>;
  keys: SigningKeys;
  lifetimeSeconds: number;
  /** How people must have signed in for the admin API. */
  adminRequirement: StepUpRequirement | undefined;
  users: ReadonlyMap<string, UserFacts>;
  services: ReadonlyMap<string, ServiceFacts>;
  sessions: Sessions;
  knownClients: KnownClients;
  resources: Resources;
  revocations: Revocations;
  activeTokens: ActiveTokens;
  issuedTokens: IssuedTokens;
  exchange: TokenExchange;
  consents: Consents;
  certificates: Certificates;
  /** Clients whose id is a URL, if the setting allows them. */
  documents: ClientDocuments | undefined;
  /** Sends the requests of oidc-provider. */
  fetch: typeof fetch;
  /** Counts a refused request, for the ledger. `error` is the code of the standard. */
  refused(error: string, address: string): void;
}

export interface OidcProvider {
  /** The provider for the current keys. */
  current(): Promise<Provider>;
  /** Answers a request with it. The whole body is in `octets`. */
  answer(incoming: IncomingMessage, outgoing: ServerResponse, octets: Uint8Array): Promise<void>;
  /** Runs `act`, which ends our session, and does not end the session of oidc-provider that belongs to it. */
  holding: BackChannel['holding'];
  /** Call it when the listeners are open. */
  start(): void;
  /** Call it when a signing key has changed. */
  keysChanged(): void;
  jobs: Job[];
}

const SECRET_OCTETS = 32;
/** The events of oidc-provider about requests that it refused. */
const REFUSALS = [
  'authorization.error',
  'grant.error',
  'pushed_authorization_request.error',
  'device_authorization.error',
  'introspection.error',
  'revocation.error',
  'userinfo.error',
] as const;

export function createOidcProvider(deps: OidcProviderDeps, settings: OauthSettings): OidcProvider {
  let made: Promise<Made> | undefined;
  const messages = createLogoutMessages({ ...deps, attempt: async (each) => (await all()).logOut(each) });
  const open = async (row: ArtifactRow) => (await all()).artifacts.open(row);
  const backChannel = createBackChannel({ ...deps, messages, open });
  const storeLogout = (message: LogoutMessage) => deps.database.write((tx) => messages.add(tx, message));

  function all(): Promise<Made> {
    made ??= make({ ...deps, backChannel, storeLogout }, settings).catch((error: unknown) => {
      made = undefined;
      throw error;
    });
    return made;
  }

  const current = async () => (await all()).provider;

  return {
    current,
    holding: backChannel.holding,
    start: messages.start,
    jobs: [messages.job],
    keysChanged() {
      made = undefined;
    },
    async answer(incoming, outgoing, octets) {
      const provider = await current();
      await provider.callback()(received(incoming, deps.issuer, octets), outgoing);
    },
  };
}

interface Made {
  provider: Provider;
  artifacts: Artifacts;
  /** Tells a client that a person has signed out. */
  logOut: LogoutMessagesDeps['attempt'];
}

async function make(
  deps: OidcProviderDeps & {
    backChannel: BackChannel;
    storeLogout(message: LogoutMessage): Promise<void>;
  },
  settings: OauthSettings,
): Promise<Made> {
  const { default: Server, errors, interactionPolicy } = await loadQuietly();
  const secret = (name: string) =>
    deps.keyStore.loadOrCreate(`oauth/${name}`, () => randomBytes(SECRET_OCTETS));
  const usedBefore = (kind: string) =>
    kind === 'PushedAuthorizationRequest'
      ? new errors.InvalidRequestUri('request_uri was used before')
      : new errors.InvalidGrant('it was used before');
  const sealing = createSealing(await secret('artifacts'));
  const artifacts = createArtifacts({ ...deps, sealing, usedBefore });
  const { issuer, keys, issuedTokens, consents } = deps;
  const configuration = providerConfiguration(
    {
      ...deps,
      adapter: adapterOf(
        { ...deps, refuse: (what) => new errors.InvalidClient(what), peer: peerOf(Server) },
        artifacts,
      ),
      keys: keys.all.map(({ kid, privateKey }) => ({
        ...privateKey.export({ format: 'jwk' }),
        kid,
        use: 'sig',
        alg: 'ES256',
      })),
      cookieKeys: [Buffer.from(await secret('cookies')).toString('base64url')],
      dpopNonceSecret: await secret('dpop-nonces'),
      isSignedIn: (ctx) => sessionOf(ctx, deps.sessions) !== undefined,
      policy: signInPolicy(interactionPolicy, deps),
      loadGrant: async (ctx) => {
        await linkSession(ctx, deps);
        return consents.loadGrant(ctx);
      },
      customize: (...given) =>
        issuedTokens.complete(...given).catch((error: unknown) => {
          throw error instanceof OauthError ? new errors.InvalidGrant(error.message) : error;
        }),
      fetch: deps.fetch as never,
      invalidTarget: (description) => new errors.InvalidTarget(description),
    },
    settings,
  );
  const provider = new Server(issuer, configuration);
  // Requests always have our scheme and host, and the fields of a proxy do not change them.
  provider.proxy = true;
  provider.on('server_error', (_ctx: KoaContextWithOIDC, error: Error) =>
    deps.log.event('oauth.request_failed', { error }),
  );
  // Otherwise Koa writes failures outside its handlers to standard error.
  provider.on('error' as 'server_error', (error: unknown) =>
    deps.log.event('oauth.request_failed', { error }),
  );
  for (const event of REFUSALS) {
    // The types of oidc-provider do not have these events.
    provider.on(event as 'server_error', (ctx: KoaContextWithOIDC, error: Error & { error?: string }) =>
      deps.refused(error.error ?? error.message, ctx.req.socket.remoteAddress ?? 'socket'),
    );
  }
  provider.use(showForms(issuer));
  provider.use(askBeforeSignOut(deps.sessions));
  provider.use(useUpPushedRequests(provider));
  compareHashes(provider, deps);
  const logOut = storeLogouts(provider, deps.storeLogout);
  provider.registerGrantType(
    TOKEN_EXCHANGE,
    (ctx) => deps.exchange.answer(ctx, errors),
    deps.exchange.parameters,
    ['resource', 'audience'],
  );
  return { provider, artifacts, logOut };
}

async function linkSession(
  ctx: KoaContextWithOIDC,
  { sessions, backChannel }: Pick<OidcProviderDeps, 'sessions'> & { backChannel: BackChannel },
): Promise<void> {
  const [own, theirs] = [sessionOf(ctx, sessions), ctx.oidc.session];
  if (own && theirs && theirs.accountId === own.user) await backChannel.link(own.id, theirs.uid);
}

/** When it is loaded, it warns about every Node version without long-term support. */
async function loadQuietly() {
  const { warn } = console;
  console.warn = (...texts) => {
    if (!String(texts[0]).startsWith('oidc-provider WARNING: Unsupported runtime')) warn(...texts);
  };
  try {
    return await import('oidc-provider');
  } finally {
    console.warn = warn;
  }
}

function adapterOf(deps: FindingDeps, artifacts: Artifacts): (kind: string) => Adapter {
  return (kind) => {
    if (kind === 'AccessToken' || kind === 'ClientCredentials') return tokenAdapter(deps, kind);
    return kind === 'Client'
      ? { ...artifacts.of(kind), find: (id) => findClient(deps, id) }
      : artifacts.of(kind);
  };
}

type FindingDeps = OidcProviderDeps & {
  /** The error for a client that cannot be used. */
  refuse(what: string): Error;
  /** The address of the client of the current request. */
  peer(): string;
};

/** Its asynchronous context has the current request. */
function peerOf(server: { ctx: KoaContextWithOIDC | undefined }): () => string {
  return () => server.ctx?.req.socket.remoteAddress ?? 'socket';
}

async function findClient({ knownClients, services, documents, refuse, peer }: FindingDeps, id: string) {
  if (id === FIRST_PARTY_CLIENT) return firstPartyMetadata;
  const documented = await documents?.find(id, peer()).catch((error: unknown) => {
    if (!(error instanceof DocumentError)) throw error;
    throw refuse(`The document of the client cannot be used: ${error.message}.`);
  });
  const known = documented ?? (await knownClients.find(id));
  if (documented?.client.state === 'waiting') {
    throw refuse('The client waits for the approval of an administrator.');
  }
  const { state, service = null } = known?.client ?? {};
  const isOff = service !== null && services.get(service)?.disabled === true;
  return known && state === 'active' && !isOff ? providerMetadata(known) : undefined;
}

/**
 * oidc-provider would compare the secret itself. We have only its hash and, for a while, the hash of the
 * previous one.
 */
function compareHashes(provider: Provider, { knownClients, clock }: OidcProviderDeps): void {
  Object.assign(provider.Client.prototype, {
    async compareClientSecret(this: { clientId: string }, actual: string): Promise<boolean> {
      const known = await knownClients.find(this.clientId);
      return known !== undefined && provesClient(known, actual, clock);
    },
  });
}

/** A copy of the request with its body, addressed to the public URL. */
function received(incoming: IncomingMessage, issuer: string, octets: Uint8Array): IncomingMessage {
  const { host, protocol } = new URL(issuer);
  const { 'x-forwarded-for': _for, 'x-forwarded-host': _host, ...sent } = incoming.headers;
  const headers = { ...sent, host, 'x-forwarded-proto': protocol.slice(0, -1) };
  const { method, url, socket, httpVersion, httpVersionMajor, httpVersionMinor } = incoming;
  const about = { method, url, socket, httpVersion, httpVersionMajor, httpVersionMinor, headers };
  return Object.assign(bodyOf(octets), about) as unknown as IncomingMessage;
}

function bodyOf(octets: Uint8Array): Readable {
  const body = new Readable({ read() {} });
  if (octets.length > 0) body.push(octets);
  body.push(null);
  return body;
}
