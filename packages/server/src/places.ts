// Chooses the ports and URLs of the listeners. This comes first, because tokens and sections name them.
import type { Config } from './config.ts';
import { findPort } from './gateway/index.ts';
import type { ListenAddress } from './platform/listener.ts';
import { probePort } from './platform/listener.ts';

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

/** Throws `listen_failed` when a port is taken. */
export async function findPlaces({ gateway, control, pki }: Config): Promise<Places> {
  const gatewayPort = await findPort(gateway.listen);
  const controlPort = await probePort(control.listen, 'control.listen');
  const pkiPort = await probePort(pki.listen, 'pki.listen');
  return {
    gateway: { port: gatewayPort, url: gateway.url ?? urlOf('https', gateway.listen, gatewayPort) },
    control: { port: controlPort, url: control.url ?? urlOf('https', control.listen, controlPort) },
    pki: { port: pkiPort, url: pki.url ?? urlOf('http', pki.listen, pkiPort) },
  };
}

/** The URL for people on this machine. */
export function urlOf(scheme: 'http' | 'https', { host }: ListenAddress, port: number): string {
  const local = ['127.0.0.1', '::1', '0.0.0.0', '::'].includes(host);
  const name = local ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  return `${scheme}://${name}:${port}`;
}
