// The time limits of one exchange: for a slow body, for a client that does not read its answer, and for a
// silent tunnel.
import { GatehouseError } from '@gatehouse/access';
import { BodyRate } from './body-rate.ts';
import type { ExchangeSettings } from './settings.ts';
import type { Wheel } from './wheel.ts';
import { Timer } from './wheel.ts';

/** How long one direction of a tunnel may stay open after the other has ended. */
const HALF_OPEN_SECONDS = 5;

/** Called when a time limit is over. */
export interface LimitEvents {
  requestBroken(error: Error): void;
  stalled(): void;
}

export class ExchangeLimits {
  readonly #wheel: Wheel;
  readonly #settings: ExchangeSettings;
  readonly #events: LimitEvents;
  #rate: BodyRate | undefined;
  #stall: Timer | undefined;

  constructor(wheel: Wheel, settings: ExchangeSettings, events: LimitEvents) {
    this.#wheel = wheel;
    this.#settings = settings;
    this.#events = events;
  }

  /** The body of the request has begun. `isHeldUp`: whether it waits for the upstream. */
  watchBody(isHeldUp: boolean): void {
    const { minBodyBytesPerSecond: minBytesPerSecond, bodySeconds: graceSeconds } = this.#settings;
    if (minBytesPerSecond === 0) return;
    this.#rate ??= new BodyRate(this.#wheel, { minBytesPerSecond, graceSeconds }, () => {
      this.#events.requestBroken(new GatehouseError('request_timeout', 'The body arrived too slowly.'));
    });
    this.#rate.isHeldUp = isHeldUp;
  }

  bodyPassed(bytes: number): void {
    this.#rate?.passed(bytes);
  }

  bodyDrained(): void {
    if (this.#rate) this.#rate.isHeldUp = false;
  }

  bodyEnded(): void {
    this.#rate?.stop();
    this.#rate = undefined;
  }

  /** The client reads the answer more slowly than the upstream sends it. */
  waitForClient(): void {
    if (!this.#stall?.isSet) this.#limit(this.#settings.stallSeconds);
  }

  clientDrained(): void {
    if (this.#stall) this.#wheel.clear(this.#stall);
  }

  /** Octets have passed through the tunnel: the idle time starts again. */
  watchTunnel(): void {
    this.#limit(this.#settings.stallSeconds);
  }

  /** One direction has ended. The other must end soon. */
  closeTunnel(): void {
    this.#limit(HALF_OPEN_SECONDS);
  }

  end(): void {
    this.bodyEnded();
    this.clientDrained();
  }

  #limit(seconds: number): void {
    this.#stall ??= new Timer(() => this.#events.stalled());
    this.#wheel.set(this.#stall, seconds * 1000);
  }
}
