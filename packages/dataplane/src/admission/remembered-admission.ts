// An admission that is also valid for the next request, if that has the same octets and comes from the same
// address. The decision depends only on whole seconds and on the sections. So it is valid until the second
// ends or a section changes.
import type { Clock, Snapshot } from '@gatehouse/access';
import { numericDate } from '@gatehouse/access';
import type { AdmissionState, Admitted } from '../exchange/admission.ts';
import type { RouteUpstreams } from './route-upstreams.ts';

/**
 * A second of the clock, or a part of a second without a change of the sections. Each is a separate object.
 *
 */
export interface Moment {
  readonly second: number;
}

/** Returns a function that returns the present moment. Every change of a section creates a new snapshot. */
export function createMoments(
  clock: Pick<Clock, 'now'>,
  upstreams: Pick<RouteUpstreams, 'changes'>,
): (snapshot: Snapshot) => Moment {
  let moment: Moment = { second: Number.NaN };
  // Not a part of the moment, so that a remembered moment does not hold an old snapshot in memory.
  let inForce: Snapshot | undefined;
  let changes = 0;
  return (snapshot) => {
    const second = numericDate(clock);
    if (second === moment.second && snapshot === inForce && upstreams.changes === changes) return moment;
    inForce = snapshot;
    changes = upstreams.changes;
    moment = { second };
    return moment;
  };
}

/** The state of the admitted request. */
export class RememberedAdmission {
  #moment: Moment;
  readonly #address: string;
  readonly #path: string;
  readonly #query: string;
  readonly #isChecked: boolean;
  readonly #principal: AdmissionState['principal'];
  readonly #admitted: Admitted;

  constructor(moment: Moment, state: AdmissionState, admitted: Admitted) {
    this.#moment = moment;
    this.#address = state.address;
    this.#path = state.path;
    this.#query = state.query;
    this.#isChecked = state.isChecked;
    this.#principal = state.principal;
    this.#admitted = admitted;
  }

  /** Admits a repeated request. Undefined if admission must decide again. */
  recall(moment: Moment, state: AdmissionState): Admitted | undefined {
    if (moment !== this.#moment || state.presented || state.address !== this.#address) return undefined;
    state.path = this.#path;
    state.query = this.#query;
    state.isChecked = this.#isChecked;
    state.principal = this.#principal;
    state.route = this.#admitted.route;
    state.decision = 'allowed';
    return this.#admitted;
  }

  /**
   * Compares a new decision with the remembered admission. If they are equal, the remembered one, with all
   * values derived from it, is also valid for this moment. Undefined if anything differs.
   */
  renew(moment: Moment, state: AdmissionState, decided: Admitted): Admitted | undefined {
    const known = this.#admitted;
    const isSame =
      state.address === this.#address &&
      state.principal === this.#principal &&
      decided.route === known.route &&
      decided.upstream === known.upstream &&
      decided.path === known.path &&
      decided.assertion === known.assertion &&
      decided.isOwnCredential === known.isOwnCredential;
    if (!isSame) return undefined;
    this.#moment = moment;
    return known;
  }
}
