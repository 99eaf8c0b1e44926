// A relay on loopback that records both directions, as an eavesdropper would.
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A part of the recording, in the order of the whole conversation. */
export interface Passage {
  from: 'client' | 'server';
  octets: Buffer;
}

export interface Relay {
  port: number;
  /** Until now. */
  passages: readonly Passage[];
  /** Why the server could not be reached. */
  failure(): NodeJS.ErrnoException | undefined;
  close(): Promise<void>;
}

/** Listens on a free port of 127.0.0.1, and passes each connection on. */
export async function startRelay(server: { host: string; port: number }): Promise<Relay> {
  const passages: Passage[] = [];
  const sockets = new Set<Socket>();
  let failure: NodeJS.ErrnoException | undefined;
  const relay = createServer({ allowHalfOpen: true }, (inner) => {
    const outer = connect({ ...server, allowHalfOpen: true });
    outer.on('error', (error) => {
      failure ??= error;
      inner.destroy();
    });
    inner.on('error', () => outer.destroy());
    for (const [from, source, target] of [
      ['client', inner, outer],
      ['server', outer, inner],
    ] as const) {
      sockets.add(source);
      source.on('data', (octets: Buffer) => passages.push({ from, octets }));
      source.pipe(target);
      source.on('close', () => target.destroySoon());
    }
  });
  relay.maxConnections = 1; // other programs on this machine must not use the relay
  relay.listen(0, '127.0.0.1');
  await once(relay, 'listening');
  return {
    port: (relay.address() as AddressInfo).port,
    passages,
    failure: () => failure,
    async close() {
      const closed = once(relay, 'close');
      relay.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** All octets of one side, joined. */
export function octetsOf(passages: readonly Passage[], from: Passage['from']): Buffer {
  return Buffer.concat(passages.filter((each) => each.from === from).map(({ octets }) => octets));
}
