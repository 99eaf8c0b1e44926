// The control plane's listeners: HTTPS for people and programs, plain HTTP for the public PKI, and the Unix
// socket in the data folder, which file permissions protect. The two TCP listeners limit each client address.
import { createHash } from 'node:crypto';
import { chmodSync, lstatSync, mkdirSync, rmSync } from 'node:fs';
import type { Server as HttpServer, RequestListener } from 'node:http';
import { createServer as createHttpServer } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import { createServer as createHttpsServer } from 'node:https';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import type { ServerIdentity } from '@gatehouse/access';
import { GatehouseError, NOT_FOR_CLIENTS } from '@gatehouse/access';
import type { HandshakeFacts } from '@gatehouse/dataplane';
import type { DataFolder } from '../data-folder/data-folder.ts';
import type { ConnectionLimits, ConnectionShares, RefusalKind } from '../limits/connection-shares.ts';
import { writingProblem } from '../problems/file-problem.ts';
import { logKeys } from '../tls/key-log.ts';
import { sameContext, serverTlsOptions, stapleOcsp } from '../tls/tls.ts';
import type { TlsSettings } from '../tls/tls-settings.ts';
import { presentedCertificate } from './client-certificate.ts';
import { limitConnections } from './limit-connections.ts';
import type { ListenAddress } from './listener.ts';
import { listen } from './listener.ts';
import { recordHandshakes } from './record-handshakes.ts';

export interface Listener {
  /** 0 for a socket. */
  port: number;
  /** Accepts nothing new. Requests may finish for `graceSeconds`, then their connections are cut. */
  close(graceSeconds: number): Promise<void>;
}

const LIMITS = {
  requestTimeout: 30_000,
  headersTimeout: 10_000,
  keepAliveTimeout: 10_000,
  connectionsCheckingInterval: 1000,
  maxHeaderSize: 16 * 1024,
};
// A connection is cut when no byte moves for this long. The slowest answer, verifying a large ledger, must
// take less.
const SILENCE_TIMEOUT_MS = 120_000;
const MAX_SOCKET_CONNECTIONS = 1000;
const HANDSHAKE_TIMEOUT_MS = 10_000;

/** The address of a TCP listener, and the limits of its clients. */
export interface TcpSettings extends ListenAddress {
  /** The setting to change if the listener cannot be opened. */
  setting: string;
  connections: ConnectionLimits;
  /** Called for each connection that is refused, or closed for a new one. */
  refused(kind: RefusalKind, addressShare: string): void;
}

export interface HttpsListener extends Listener {
  /**
   * New connections get the new certificate, and the new roots verify their client certificates. Open
   * connections continue.
   */
  present(identity: ServerIdentity): void;
}

export interface ControlTls {
  settings: TlsSettings;
  identity: ServerIdentity;
  /** Called with the reason when a client's certificate is not valid. */
  certificateRefused?: (reason: string, address: string | undefined) => void;
  /** Called for every handshake, successful or not. */
  handshake?: (handshake: HandshakeFacts) => void;
}

export async function listenHttps(
  handle: RequestListener,
  tcp: TcpSettings,
  tls: ControlTls,
): Promise<HttpsListener> {
  let presented = tls.identity;
  const optionsFor = (identity: ServerIdentity) => serverTlsOptions(tls.settings, identity, 'request');
  const options = { ...optionsFor(presented), ...LIMITS, handshakeTimeout: HANDSHAKE_TIMEOUT_MS };
  const server = createHttpsServer(options, handle);
  stapleOcsp(server, () => presented.ocspResponse);
  logKeys(server, tls.settings);
  if (tls.handshake) recordHandshakes(server, tls.handshake);
  server.on('secureConnection', (socket) => {
    const flaw = presentedCertificate(socket)?.flaw;
    // A server certificate is accepted here, too, so that its holder can renew it.
    if (flaw !== undefined && flaw !== NOT_FOR_CLIENTS) tls.certificateRefused?.(flaw, socket.remoteAddress);
  });
  const listener = await listenTcp(server, tcp);
  return {
    ...listener,
    present(identity) {
      if (!sameContext(identity, presented)) server.setSecureContext(optionsFor(identity));
      presented = identity;
    },
  };
}

export function listenHttp(handle: RequestListener, tcp: TcpSettings): Promise<Listener> {
  return listenTcp(createHttpServer(LIMITS, handle), tcp);
}

async function listenTcp(server: HttpServer | HttpsServer, tcp: TcpSettings): Promise<Listener> {
  server.timeout = SILENCE_TIMEOUT_MS;
  const connections = limitConnections(server, tcp.connections, tcp.refused);
  const port = await listen(server, tcp, tcp.setting);
  return { port, close: (graceSeconds) => closeServer(server, graceSeconds, connections) };
}

export interface SocketListener extends Listener {
  path: string;
}

// The longest path for sockaddr_un on all our platforms.
const MAX_SOCKET_PATH = 100;

export async function listenSocket(handle: RequestListener, folder: DataFolder): Promise<SocketListener> {
  const path = socketPath(folder);
  // The data folder is locked, so an existing socket is from a killed server.
  rmSync(path, { force: true });
  const server = createHttpServer(LIMITS, handle);
  server.timeout = SILENCE_TIMEOUT_MS;
  server.maxConnections = MAX_SOCKET_CONNECTIONS;
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

/**
 * Any user could create a folder with that name first, and would then own the files in it. Throws
 * `listen_failed`.
 */
function ownTemporaryFolder(): string {
  const { uid } = userInfo();
  const path = join(tmpdir(), `gatehouse-${uid}`);
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    const reason = writingProblem(error) ?? (error as Error).message;
    throw new GatehouseError(
      'listen_failed',
      `The folder ${path} for the socket cannot be created (${reason}): choose a data folder with a shorter path.`,
      { cause: error },
    );
  }
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

/**
 * Node knows a connection only after its handshake, so `connections` lists those that Node does not close.
 */
const IDLE_CHECK_MS = 50;

function closeServer(
  server: HttpServer | HttpsServer,
  graceSeconds: number,
  connections?: Pick<ConnectionShares, 'cutHandshakes' | 'cutAll'>,
): Promise<void> {
  return new Promise((resolve) => {
    const cut = setTimeout(() => {
      server.closeAllConnections();
      connections?.cutAll();
    }, graceSeconds * 1000);
    // A connection becomes idle only when its last answer has ended.
    const idle = setInterval(() => server.closeIdleConnections(), IDLE_CHECK_MS);
    server.close(() => {
      clearTimeout(cut);
      clearInterval(idle);
      resolve();
    });
    server.closeIdleConnections();
    connections?.cutHandshakes();
  });
}
