// Attempts to connect on Bun. Bun cannot cancel an attempt: it uses a descriptor until the system gives up,
// after minutes. So the attempts to a silent upstream are limited. Otherwise they would use up the
// descriptors of the process, and no client could connect.

/** For each address. Few enough for any limit of descriptors. */
const MAX_PENDING = 256;

export interface Attempt {
  /** The attempt is no longer needed. Does nothing after `ended`. */
  giveUp(): void;
  /** The system has reported the result. Only the first call counts. */
  ended(outcome: 'connected' | 'failed'): void;
}

export interface Attempts {
  /** @throws Error with the code `ETIMEDOUT` */
  begin(place: string): Attempt;
}

interface Place {
  wanted: number;
  givenUp: number;
}

export function createAttempts(): Attempts {
  const places = new Map<string, Place>();

  /** One is always allowed, to find out whether the upstream answers again. */
  function mayBegin({ wanted, givenUp }: Place): boolean {
    return wanted === 0 || givenUp === 0 || wanted + givenUp < MAX_PENDING;
  }

  return {
    begin(name) {
      const place = places.get(name) ?? { wanted: 0, givenUp: 0 };
      if (!mayBegin(place)) throw silent(name);
      places.set(name, place);
      place.wanted += 1;
      let state: 'wanted' | 'givenUp' | 'ended' = 'wanted';
      return {
        giveUp() {
          if (state !== 'wanted') return;
          state = 'givenUp';
          place.wanted -= 1;
          place.givenUp += 1;
        },
        ended(outcome) {
          if (state === 'ended') return;
          if (state === 'wanted') place.wanted -= 1;
          else place.givenUp = Math.max(0, place.givenUp - 1);
          state = 'ended';
          // The upstream answers, so the waiting attempts will end soon.
          if (outcome === 'connected') place.givenUp = 0;
          if (place.wanted === 0 && place.givenUp === 0) places.delete(name);
        },
      };
    },
  };
}

function silent(name: string): Error {
  const message = `connect ETIMEDOUT ${name}: earlier attempts have no answer yet`;
  return Object.assign(new Error(message), { code: 'ETIMEDOUT' });
}
