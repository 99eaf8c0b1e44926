// The control plane's listeners: sign-in and the admin API over HTTPS; the same on the Unix socket in the
// data folder, for the local operator; and the public PKI over plain HTTP.

import type { RequestListener } from 'node:http';
import type { AuthenticationMethod, Principal, ServerIdentity, WaysIn } from '@gatehouse/access';
import { GatehouseError, localOperator } from '@gatehouse/access';
import type { HandshakeFacts } from '@gatehouse/dataplane';
import type { AdminPolicyDeps } from '../authz/index.ts';
import { createAdminPolicy, OWN_ACCOUNT } from '../authz/index.ts';
import type { Config } from '../config.ts';
import type { Foundation } from '../foundation.ts';
import type { HandshakeLog, Monitoring } from '../monitoring/index.ts';
import { requireAdminScope, withoutOwnAccount } from '../oauth/index.ts';
import type { Places } from '../places.ts';
import type { Actor } from '../platform/feed/events.ts';
import type { AppDeps, Presenting, Refusal } from '../platform/http/app.ts';
import { createApp } from '../platform/http/app.ts';
import type { ApiGroup } from '../platform/http/openapi.ts';
import type { Route } from '../platform/http/route.ts';
import { createRequestListener } from '../platform/http/serve.ts';
import { connectionLimits } from '../platform/limits/connection-shares.ts';
import type { HttpsListener, Listener, TcpSettings } from '../platform/listening/control-server.ts';
import { listenHttp, listenHttps, listenSocket } from '../platform/listening/control-server.ts';
import type { StepUpSetting } from '../platform/settings/step-up-setting.ts';
import { stepUpRequirement } from '../platform/settings/step-up-setting.ts';
import { createApiRoute } from './api-document.ts';

export interface ControlPlaneDeps extends Foundation {
  waysIn: () => WaysIn;
  /** The caller of a request with the cookie of a session. */
  sessionPrincipal(call: Pick<Presenting, 'method' | 'header'>): Principal | undefined;
  handshakes: Pick<HandshakeLog, 'record'>;
  monitoring: Pick<Monitoring, 'controlHandshake'>;
}

export interface ControlPlaneStart {
  config: Config;
  /** Their ports were probed before. */
  places: Places;
  identity: ServerIdentity;
  /** The routes of sign-in and administration, by capability. */
  routes: readonly ApiGroup[];
  /** The policy that decides about these routes. */
  policy: AdminPolicyDeps;
  /** The public routes over plain HTTP, by capability. */
  publicRoutes: readonly ApiGroup[];
}

export interface ControlPlane {
  https: HttpsListener;
  socketPath: string;
}

/** Starts the three listeners. Each is passed to `opened` as soon as it is open. Throws `listen_failed`. */
export async function startControlPlane(
  deps: ControlPlaneDeps,
  start: ControlPlaneStart,
  opened: (listener: Listener) => void,
): Promise<ControlPlane> {
  const { config, places, identity } = start;
  const server = places.pki.url;
  const described = [...start.routes, ...start.publicRoutes.map((group) => ({ ...group, server }))];
  const routes = [...routesOf(start.routes), createApiRoute(described)];
  const publicRoutes = routesOf(start.publicRoutes);
  const app = appFor(deps, start);
  const { accept } = config.control;
  const remote = {
    ...app,
    authenticate: (call: Presenting) => authenticate(deps, call, accept),
    current: (principal: Principal, call: Presenting) => current(deps, principal, call),
  };
  const certificateRefused = (reason: string, address: string | undefined) =>
    deps.log.event('tls.client_certificate_refused', { reason, address });
  const handshake = (facts: HandshakeFacts) => {
    deps.handshakes.record('control', [facts]);
    deps.monitoring.controlHandshake(facts);
  };
  const tls = { settings: config.tls, identity, certificateRefused, handshake };
  const tcp = (name: 'control' | 'pki') => tcpSettings(deps, start, name);
  const https = await listenHttps(handlerOf(routes, remote), tcp('control'), tls);
  opened(https);
  const pki = await listenHttp(handlerOf(publicRoutes, app), tcp('pki'));
  opened(pki);
  const operator = { ...app, authenticate: async () => localOperator };
  const socket = await listenSocket(handlerOf(routes, operator), deps.folder);
  opened(socket);
  return { https, socketPath: socket.path };
}

function tcpSettings(
  { refusals }: ControlPlaneDeps,
  { config, places }: ControlPlaneStart,
  name: 'control' | 'pki',
): TcpSettings {
  const setting = `${name}.listen`;
  return {
    ...config[name].listen,
    port: places[name].port,
    setting,
    connections: connectionLimits(config.control),
    refused: (kind, address) =>
      refusals.count({ type: `control.connection_${kind}`, subject: setting, address }),
  };
}

function routesOf(groups: readonly ApiGroup[]): Route[] {
  return groups.flatMap((group) => group.routes);
}

function handlerOf(routes: Route[], deps: AppDeps): RequestListener {
  return createRequestListener(createApp(routes, deps), deps.log);
}

function appFor(deps: ControlPlaneDeps, start: ControlPlaneStart): AppDeps {
  return {
    log: deps.log,
    clock: deps.clock,
    authenticate: async () => undefined,
    current: (principal) => principal,
    challenge: (code) => deps.waysIn().challenge(code, start.config.control.accept),
    dpopNonce: () => deps.waysIn().dpopNonce(true),
    policy: withoutOwnAccount(createAdminPolicy(start.policy)),
    requirement: requirementFor(start.config.control.require),
    refused: (refusal) => recordRefusal(deps, refusal),
  };
}

/**
 * The requirement does not apply when people manage their own factors. Otherwise they could not enrol the
 * first one.
 */
function requirementFor(setting: StepUpSetting | undefined): AppDeps['requirement'] {
  const requirement = setting && stepUpRequirement(setting);
  return (permission) => (permission.startsWith(OWN_ACCOUNT) ? undefined : requirement);
}

type Callers = Pick<ControlPlaneDeps, 'waysIn' | 'sessionPrincipal'>;

async function authenticate(
  { waysIn, sessionPrincipal }: Callers,
  call: Presenting,
  accept: readonly AuthenticationMethod[],
): Promise<Principal | undefined> {
  const { header, address, method, target, presented } = call;
  const [authorization, apiKey, dpop] = [header('authorization'), header('x-api-key'), header('dpop')];
  const certificate = presented();
  const isCertified = certificate !== undefined && accept.includes('mtls');
  if (authorization === undefined && apiKey === undefined) {
    const principal = accept.includes('session') ? sessionPrincipal(call) : undefined;
    if (principal || !isCertified) return principal;
  }
  const host = (header('host') ?? '').toLowerCase();
  const request = { method, target, host, isOwnHost: false, hasContent: false };
  const principal = await waysIn().identify(
    { authorization, apiKey, dpop, certificate, address, request },
    accept,
  );
  if (principal) requireAdminScope(principal);
  return principal;
}

/** Throws if the credential was revoked meanwhile. */
function current({ waysIn, sessionPrincipal }: Callers, principal: Principal, call: Presenting): Principal {
  if (principal.via !== 'session') return waysIn().current(principal, { certificate: call.presented() });
  const person = sessionPrincipal(call);
  if (person) return person;
  throw new GatehouseError('credential_invalid', 'The session has ended: sign in again.');
}

function recordRefusal({ repeated }: ControlPlaneDeps, refusal: Refusal): Promise<void> {
  const { principal, address, code, permission, reason, policies, claimed, method, path, requestId } =
    refusal;
  const actor: Actor = principal
    ? { kind: principal.kind, name: principal.name, address }
    : { kind: 'anonymous', name: 'anonymous', address };
  const why = { ...(reason !== undefined && { reason }), ...(policies && { policies: [...policies] }) };
  const data = { code, ...why, ...claimed, method, path, requestId };
  return repeated.record({
    type: 'authz.admin_denied',
    actor,
    outcome: 'failure',
    subject: permission,
    data,
  });
}
