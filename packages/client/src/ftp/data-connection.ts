// The data connections of FTP: opened by EPSV (RFC 2428) or PASV (RFC 959 §4.1.2), and only to the address of
// the control connection, so that a server cannot send the client to another machine (RFC 2577 §3). TLS
// begins after the server has answered the transfer command, as RFC 4217 §7 allows: pyftpdlib closes a
// connection that receives octets before the command.
import { once } from 'node:events';
import { connect, Socket } from 'node:net';
import { connect as connectTls, TLSSocket } from 'node:tls';
import { type Client, FTPError } from 'basic-ftp';
import { ClientError } from '../errors.ts';

type Context = Client['ftp'];
type Answer = Awaited<ReturnType<Client['prepareTransfer']>>;

export interface DataConnections {
  /** Before each transfer. */
  open(ftp: Context): Promise<Answer>;
  /** After each transfer, also after one that failed. */
  settle(): void;
}

/** The data connections of one control connection. */
export function createDataConnections(): DataConnections {
  let settle = () => {};
  return {
    async open(ftp) {
      settle(); // of a command that the server did not know
      const { port, answer } = await passivePort(ftp);
      const socket = await openSocket(ftp, port);
      if (ftp.socket instanceof TLSSocket) {
        ftp.dataSocket = new Socket(); // until TLS begins; basic-ftp ends the socket that it replaces
        settle = onReply(ftp.socket, (begins) => {
          if (begins) ftp.dataSocket = beginTls(ftp, socket);
          else socket.destroy();
        });
      } else ftp.dataSocket = socket;
      return answer;
    },
    settle: () => settle(),
  };
}

async function passivePort(ftp: Context): Promise<{ port: number; answer: Answer }> {
  const extended = await ftp.request('EPSV').catch((error) => {
    if (error instanceof FTPError) return undefined; // an old server
    throw error;
  });
  if (extended !== undefined) {
    return { port: portIn(/\(([!-~])\1\1(\d{1,5})\1\)/.exec(extended.message)?.[2]), answer: extended };
  }
  const answer = await ftp.request('PASV');
  const [, high, low] = /(?:\d{1,3},){4}(\d{1,3}),(\d{1,3})/.exec(answer.message) ?? [];
  return { port: portIn(high && Number(high) * 256 + Number(low)), answer };
}

function portIn(found: string | number | undefined): number {
  const port = Number(found);
  if (port > 0 && port < 65_536) return port;
  throw new ClientError(
    'protocol',
    'the FTP server did not name a port for the data connection: ask its operator',
  );
}

async function openSocket(ftp: Context, port: number): Promise<Socket> {
  const socket = connect({ host: ftp.socket.remoteAddress ?? '', port });
  socket.setTimeout(ftp.timeout, () => socket.destroy(new Error('Timeout (data socket)')));
  try {
    await once(socket, 'connect');
  } catch (error) {
    throw new ClientError(
      'connect',
      `cannot open a data connection to the FTP server at port ${port}: its firewall may refuse it`,
      {
        cause: error,
      },
    );
  }
  socket.setTimeout(0);
  socket.removeAllListeners('timeout');
  return socket;
}

/**
 * Calls `act` once: with true when the transfer begins (RFC 959 §4.2.1, 1yz), before any other listener. With
 * false if the returned function is called first.
 */
function onReply(control: Socket, act: (begins: boolean) => void): () => void {
  let text = '';
  const end = (begins: boolean) => {
    control.off('data', read);
    settle = () => {};
    act(begins);
  };
  const read = (chunk: string | Buffer) => {
    text += chunk;
    if (/^1\d\d [^\n]*\n/m.test(text)) end(true);
  };
  let settle = () => end(false);
  control.prependListener('data', read);
  return () => settle();
}

/** Resumes the session of the control connection, which proves that both belong to the same client. */
function beginTls(ftp: Context, socket: Socket): TLSSocket {
  const session = ftp.tlsSessionStore ?? (ftp.socket as TLSSocket).getSession();
  const secure = connectTls({ ...ftp.tlsOptions, socket, ...(session && { session }) });
  secure.on('session', (next) => {
    ftp.tlsSessionStore = next; // a ticket of TLS 1.3 counts once (RFC 8446 appendix C.4)
  });
  return secure;
}
