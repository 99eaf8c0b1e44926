// Chooses the ports and URLs of the listeners. This is the first step, because tokens and sections contain
// them.
import { GatehouseError } from '@gatehouse/access';
import type { Config } from './config.ts';
import { findPort } from './gateway/index.ts';
import type { ListenAddress } from './platform/listening/listener.ts';
import { probePort } from './platform/listening/listener.ts';

export interface Place {
  port: number;
  /** Without a slash at the end. */
  url: string;
}

export interface Places {
  gateway: Place;
  control: Place;
  pki: Place;
}

/** Throws `config_invalid` if two listeners have the same port, and `listen_failed` if a port is taken. */
export async function findPlaces(config: Config): Promise<Places> {
  requireDistinct(config);
  const { gateway, control, pki } = config;
  const gatewayPort = await findPort(gateway.listen);
  const controlPort = await probePort(control.listen, 'control.listen');
  const pkiPort = await probePort(pki.listen, 'pki.listen');
  return {
    gateway: { port: gatewayPort, url: gateway.url ?? urlOf('https', gateway.listen, gatewayPort) },
    control: { port: controlPort, url: control.url ?? urlOf('https', control.listen, controlPort) },
    pki: { port: pkiPort, url: pki.url ?? urlOf('http', pki.listen, pkiPort) },
  };
}

/**
 * If there is no upstream at all, the sample services replace it. An upstream that no route uses is a
 * mistake, but no reason to start the samples.
 */
export function wantsSamples({ gateway }: Config): boolean {
  const named = Object.keys(gateway.upstreams).length > 0;
  return gateway.upstream === undefined && gateway.routes.length === 0 && !named;
}

/** The path of the data folder in the environment. */
export function dataFolderOf(environment: NodeJS.ProcessEnv): string {
  return environment.GATEHOUSE_DATA ?? '.gatehouse';
}

/**
 * Throws `config_invalid` if two listeners have the same port. Without this check, the second one would blame
 * another program.
 */
export function requireDistinct(config: Config): void {
  const { gateway, control, pki, samples } = config;
  const all = { gateway, control, pki, ...(wantsSamples(config) ? { samples } : {}) };
  const { httpListen } = gateway;
  const listeners = [
    ...Object.entries(all).map(([name, { listen }]) => ({ setting: `${name}.listen`, listen })),
    ...(httpListen ? [{ setting: 'gateway.httpListen', listen: httpListen }] : []),
  ];
  listeners.forEach(({ setting, listen }, index) => {
    const other = listeners.slice(0, index).find((each) => overlap(each.listen, listen));
    if (other === undefined) return;
    throw new GatehouseError(
      'config_invalid',
      `Setting ${setting} is not valid: ${other.setting} has the same port ${listen.port}: give one of them another port.`,
    );
  });
}

/**
 * Throws `config_invalid` if an upstream is the gateway itself, because each request would come back forever.
 */
export function refuseLoop({ gateway }: Config): void {
  const { listen, upstream, upstreams, routes } = gateway;
  const named = Object.entries(upstreams).map(([name, each]) => ({
    setting: `gateway.upstreams.${name}`,
    url: typeof each === 'string' ? each : each.url,
  }));
  const written = routes.map((route, index) => ({
    setting: `gateway.routes[${index}].upstream`,
    url: route.upstream,
  }));
  const back = [{ setting: 'gateway.upstream', url: upstream }, ...named, ...written].find(
    ({ url }) => url !== undefined && isListener(url, listen),
  );
  if (back === undefined) return;
  throw new GatehouseError(
    'config_invalid',
    `Setting ${back.setting} is not valid: ${back.url} is gateway.listen, so requests would come back to the gateway: give the URL of your API.`,
  );
}

/** Whether a URL leads to a listener of this machine. Other names of this machine are not known. */
function isListener(text: string, { host, port }: ListenAddress): boolean {
  const url = URL.parse(text);
  if (!url || port === 0 || (Number(url.port) || DEFAULT_PORTS[url.protocol]) !== port) return false;
  const wanted = url.hostname.replace(/^\[|\]$/g, '');
  const isHere = wanted === 'localhost' || wanted === '::1' || wanted.startsWith('127.');
  return wanted === host || (isHere && [...EVERY_ADDRESS, '127.0.0.1', '::1'].includes(host));
}

const DEFAULT_PORTS: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443 };

const EVERY_ADDRESS = ['0.0.0.0', '::'];

function overlap(one: ListenAddress, other: ListenAddress): boolean {
  const hosts = [one.host, other.host];
  const meet = one.host === other.host || hosts.some((host) => EVERY_ADDRESS.includes(host));
  return one.port !== 0 && one.port === other.port && meet;
}

/** The URL for people on this machine. */
export function urlOf(scheme: 'http' | 'https', { host }: ListenAddress, port: number): string {
  const local = ['127.0.0.1', '::1', '0.0.0.0', '::'].includes(host);
  const name = local ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  return `${scheme}://${name}:${port}`;
}
