// The control plane's listeners: HTTPS for people and programs, plain HTTP for what needs no protection, and the Unix socket
// in the data folder for whoever may open it.
import { createHash } from 'node:crypto';
import { chmodSync, lstatSync, mkdirSync, rmSync } from 'node:fs';
import type { RequestListener, Server } from 'node:http';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { NOT_FOR_CLIENTS, presentedCertificate } from './client-certificate.ts';
import type { DataFolder } from './data-folder.ts';
import { GatehouseError } from './errors.ts';
import type { ListenAddress } from './listener.ts';
import { listen } from './listener.ts';
import type { ServerIdentity, TlsSettings } from './tls.ts';
import { sameContext, serverTlsOptions, stapleOcsp } from './tls.ts';

export interface Listener {
  /** 0 for a socket. */
  port: number;
  /** Accepts nothing new, lets what runs finish for `graceSeconds`, then cuts it. */
  close(graceSeconds: number): Promise<void>;
}

const LIMITS = {
  requestTimeout: 30_000,
  headersTimeout: 10_000,
  keepAliveTimeout: 10_000,
  connectionsCheckingInterval: 1000,
  maxHeaderSize: 16 * 1024,
};
// A connection on which nothing moves is cut; the longest answer, verifying a large ledger, must fit.
const SILENCE_TIMEOUT_MS = 120_000;
const MAX_CONNECTIONS = 1000;
const HANDSHAKE_TIMEOUT_MS = 10_000;

export interface HttpsListener extends Listener {
  /** New connections get the new certificate and are judged by the new client roots; those that are open go on. */
  present(identity: ServerIdentity): void;
}

export interface ControlTls {
  settings: TlsSettings;
  identity: ServerIdentity;
  /** The setting to change when the listener cannot be opened. */
  setting: string;
  /** Told why a client's certificate does not count. */
  certificateRefused?: (reason: string, address: string | undefined) => void;
}

export async function listenHttps(
  handle: RequestListener,
  address: ListenAddress,
  tls: ControlTls,
): Promise<HttpsListener> {
  let presented = tls.identity;
  const optionsFor = (identity: ServerIdentity) => serverTlsOptions(tls.settings, identity, 'request');
  const options = {
    ...optionsFor(presented),
    ...LIMITS,
    handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
  };
  const server = bounded(createHttpsServer(options, handle));
  stapleOcsp(server, () => presented.ocspResponse);
  server.on('secureConnection', (socket) => {
    const flaw = presentedCertificate(socket)?.flaw;
    // A server's certificate is good enough here: its holder renews it.
    if (flaw !== undefined && flaw !== NOT_FOR_CLIENTS) tls.certificateRefused?.(flaw, socket.remoteAddress);
  });
  const port = await listen(server, address, tls.setting);
  return {
    port,
    present(identity) {
      if (!sameContext(identity, presented)) server.setSecureContext(optionsFor(identity));
      presented = identity;
    },
    close: (graceSeconds) => closeServer(server, graceSeconds),
  };
}

export async function listenHttp(
  handle: RequestListener,
  address: ListenAddress,
  setting: string,
): Promise<Listener> {
  const server = bounded(createHttpServer(LIMITS, handle));
  const port = await listen(server, address, setting);
  return { port, close: (graceSeconds) => closeServer(server, graceSeconds) };
}

export interface SocketListener extends Listener {
  path: string;
}

// The longest that sockaddr_un can hold on every platform of ours.
const MAX_SOCKET_PATH = 100;

export async function listenSocket(handle: RequestListener, folder: DataFolder): Promise<SocketListener> {
  const path = socketPath(folder);
  // The data folder is locked, so a socket that is still there belongs to nobody.
  rmSync(path, { force: true });
  const server = bounded(createHttpServer(LIMITS, handle));
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => {
      reject(
        new GatehouseError('listen_failed', `Cannot listen on the socket ${path}: ${error.message}.`, {
          cause: error,
        }),
      );
    });
    server.listen(path, () => resolve());
  });
  chmodSync(path, 0o600);
  return { port: 0, path, close: (graceSeconds) => closeServer(server, graceSeconds) };
}

function socketPath(folder: DataFolder): string {
  const inside = folder.file('control.sock');
  if (Buffer.byteLength(inside) <= MAX_SOCKET_PATH) return inside;
  const digest = createHash('sha256').update(folder.path).digest('hex').slice(0, 16);
  return join(ownTemporaryFolder(), `${digest}.sock`);
}

/** Anyone may make a folder of that name first, and would then own what stands in it. Throws `listen_failed`. */
function ownTemporaryFolder(): string {
  const { uid } = userInfo();
  const path = join(tmpdir(), `gatehouse-${uid}`);
  mkdirSync(path, { recursive: true, mode: 0o700 });
  const found = lstatSync(path);
  if (!found.isDirectory() || found.uid !== uid) {
    throw new GatehouseError(
      'listen_failed',
      `The folder ${path} for the socket belongs to someone else: choose a data folder with a shorter path.`,
    );
  }
  chmodSync(path, 0o700);
  return path;
}

function bounded<T extends Pick<Server, 'timeout' | 'maxConnections'>>(server: T): T {
  server.timeout = SILENCE_TIMEOUT_MS;
  server.maxConnections = MAX_CONNECTIONS;
  return server;
}

function closeServer(
  server: Pick<Server, 'close' | 'closeIdleConnections' | 'closeAllConnections'>,
  graceSeconds: number,
) {
  return new Promise<void>((resolve) => {
    const cut = setTimeout(() => server.closeAllConnections(), graceSeconds * 1000);
    server.close(() => {
      clearTimeout(cut);
      resolve();
    });
    server.closeIdleConnections();
  });
}
