// A transport may refuse to connect at once, because its TLS cannot use our certificate or the roots. The
// connection then ends like any other that did not open.
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
