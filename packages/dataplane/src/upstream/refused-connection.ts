// A transport may refuse at once to connect, because its TLS cannot use our certificate or the roots. This
// connection then ends like any other that could not be opened.
import type { Connection, Transport } from '../transport/transport.ts';

export function endingRefused({ connect }: Pick<Transport, 'connect'>): Pick<Transport, 'connect'> {
  return {
    connect(target, events, reads) {
      try {
        return connect(target, events, reads);
      } catch (error) {
        queueMicrotask(() => events.closed(error as Error));
        return REFUSED;
      }
    },
  };
}

const REFUSED: Connection = {
  address: '',
  tls: undefined,
  write: () => true,
  pause() {},
  resume() {},
  end() {},
  destroy() {},
};
