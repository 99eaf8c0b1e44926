// Connections to servers, through the tunnel of a proxy where one is needed.
import { isIP, type Socket } from 'node:net';
import type { buildConnector } from 'undici';
import { ClientError } from '../errors.ts';
import type { Timeouts } from '../timeouts.ts';
import type { ChooseProxy, ChosenProxy } from './network-change.ts';
import { openTunnel } from './tunnel.ts';

interface TunnelSettings {
  proxy: ChooseProxy;
  timeouts: Required<Timeouts>;
}

interface Connecting {
  direct: buildConnector.connector;
  toProxy: buildConnector.connector;
  /** Has the connections that become tunnels. */
  opening: Set<Socket>;
}

/** Connects to servers: directly, or through a tunnel where `proxy` names one. */
export function throughTunnels(
  settings: TunnelSettings,
  { direct, toProxy, opening }: Connecting,
): buildConnector.connector {
  return (target, callback) => {
    const proxy = proxyFor(target, settings);
    if (proxy === undefined) return direct(target, callback);
    const open = async () => {
      const socket = await openSocket(proxy.url, toProxy);
      opening.add(socket.once('close', () => opening.delete(socket)));
      return socket;
    };
    tunnel(target, proxy, open, settings.timeouts.connectSeconds).then(
      (httpSocket) => {
        opening.delete(httpSocket);
        direct({ ...target, httpSocket } as buildConnector.Options, callback);
      },
      (error: Error) => callback(error, null),
    );
  };
}

function proxyFor({ protocol, hostname, port }: buildConnector.Options, { proxy }: TunnelSettings) {
  if (protocol !== 'https:') return undefined;
  return proxy(new URL(`https://${authorityOf(hostname, port)}`));
}

/** undici gives the address of an IPv6 URL without its brackets. */
function authorityOf(hostname: string, port: string): string {
  return `${isIP(hostname) === 6 ? `[${hostname}]` : hostname}:${port || 443}`;
}

function tunnel(
  target: buildConnector.Options,
  { url, credentials }: ChosenProxy,
  open: () => Promise<Socket>,
  connectSeconds: number,
): Promise<Socket> {
  return openTunnel({
    open,
    authority: authorityOf(target.hostname, target.port),
    proxy: url.origin,
    credentials,
    signal: AbortSignal.timeout(connectSeconds * 1000),
  });
}

function openSocket(url: URL, connect: buildConnector.connector): Promise<Socket> {
  const { protocol, hostname, host, port } = url;
  return new Promise((resolve, reject) => {
    connect({ protocol, hostname, host, port } as buildConnector.Options, (error, socket) => {
      if (error === null) resolve(socket as Socket);
      else reject(unreachable(url, error));
    });
  });
}

function unreachable({ origin }: URL, error: Error): ClientError {
  if (error instanceof ClientError) return error;
  const code = 'code' in error ? ` (${error.code})` : '';
  return new ClientError(
    'proxy',
    `cannot connect to the proxy ${origin}${code}: check its address, or start it`,
    {
      cause: error,
    },
  );
}
