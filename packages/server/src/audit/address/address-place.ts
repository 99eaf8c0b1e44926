// The witness at an address during a start: the server asks once, and compares the answer with the ledger,
// like a file.
import { GatehouseError } from '@gatehouse/access';
import type { LedgerHead } from '../../platform/ledger/ledger-head.ts';
import type { Log } from '../../platform/log/log.ts';
import type { WitnessPlace } from '../witnesses.ts';
import type { Found } from './follower.ts';
import type { WitnessAddress } from './witness-address.ts';

export interface AskedAddress {
  /** Undefined if the address did not answer. Then the server compares before the first write. */
  place: WitnessPlace | undefined;
  found: Found;
}

export interface AskDeps {
  address: WitnessAddress;
  log: Pick<Log, 'event'>;
  ledger(): Promise<string | null>;
}

/** Throws `witness_unreachable` if the address is required. */
export async function askAddress(deps: AskDeps, required: boolean): Promise<AskedAddress> {
  const { address, log } = deps;
  const { url } = address;
  try {
    const found = await address.read();
    const place: WitnessPlace = {
      name: url,
      path: url,
      read: () => found,
      make: (head) => makeHead(deps, head, required),
    };
    return { place, found };
  } catch (error) {
    if (required) throw needed(error);
    const message = `${(error as Error).message} Until the server can reach it, it does not know whether the database is an older copy`;
    log.event('ledger.witness_unreachable', { url, error, message });
    return { place: undefined, found: undefined };
  }
}

async function makeHead({ address, ledger }: AskDeps, head: LedgerHead, required: boolean): Promise<boolean> {
  try {
    await address.write({ ...head, ledger: await ledger() });
    return true;
  } catch (error) {
    if (required) throw needed(error);
    // The follower tries again, and logs it.
    return false;
  }
}

function needed(error: unknown): GatehouseError {
  const advice =
    'Check the server there, the token and the network. To start without it, set audit.witnessAddress.required to false.';
  return new GatehouseError('witness_unreachable', `${(error as Error).message} ${advice}`, { cause: error });
}
