// Answers tls-alpn-01 challenges on a listener of Node (RFC 8737): a client that offers `acme-tls/1` gets the
// certificate of the challenge for its name, and every other client gets its usual certificate. Nothing is
// sent over such a connection (§3).
import type { SecureContext, Server, TLSSocket } from 'node:tls';
import { createSecureContext } from 'node:tls';
import type { ByName } from './identities.ts';
import { byName } from './identities.ts';
import { ALPN, serverContextOptions } from './node-tls.ts';
import type { ServerTls } from './transport.ts';

export const ACME_PROTOCOL = 'acme-tls/1';

export interface Challenges {
  /** While there are challenges, makes the server distinguish the two kinds of client. */
  present(server: Server, tls: ServerTls): void;
  /** The context of the challenge for this connection; undefined for every other connection. */
  contextOf(socket: TLSSocket, serverName: string): SecureContext | undefined;
}

interface ServerOptions {
  ALPNProtocols: Buffer | undefined;
  /** Node calls it as a method of the socket. */
  ALPNCallback:
    | ((this: unknown, hello: { servername: string; protocols: string[] }) => string | undefined)
    | undefined;
}

export function createChallenges(): Challenges {
  let contextFor: ByName<SecureContext> = () => undefined;
  const validating = new WeakSet<TLSSocket>();

  function choose(this: unknown, { servername, protocols }: { servername: string; protocols: string[] }) {
    const socket = this as TLSSocket;
    if (!protocols.includes(ACME_PROTOCOL)) return protocols.find((each) => ALPN.includes(each));
    const context = contextFor(servername);
    if (!context) return undefined;
    // With TLS 1.3, Node chooses the certificate after this; with TLS 1.2, it has already chosen one.
    validating.add(socket);
    socket.setKeyCert(context);
    return ACME_PROTOCOL;
  }

  return {
    present(server, tls) {
      contextFor = byName(tls.challenges, (identity) =>
        createSecureContext(serverContextOptions(tls, identity)),
      );
      const options: ServerOptions =
        tls.challenges.length > 0
          ? { ALPNCallback: choose, ALPNProtocols: undefined }
          : { ALPNCallback: undefined, ALPNProtocols: ALPN_ON_THE_WIRE };
      // Node reads these for every connection.
      Object.assign(server, options);
    },
    contextOf: (socket, serverName) => (validating.has(socket) ? contextFor(serverName) : undefined),
  };
}

/** Each name after its length (RFC 7301 §3.1). */
const ALPN_ON_THE_WIRE = Buffer.concat(
  ALPN.map((name) => Buffer.concat([Buffer.of(name.length), Buffer.from(name, 'latin1')])),
);
