// Adds a root to every store of this machine, or removes it. Reports for each store the change, or the reason
// for none.
import { visible } from '../../../output/print.ts';
import { type AnchorFolder, anchorFolders, findAnchorFolder } from './anchor-folder.ts';
import { createKeychain } from './macos.ts';
import { findNssDatabases } from './nss.ts';
import { NotPermitted, type Root, type Surroundings, type TrustStore, type Unusable } from './store.ts';
import { createWindowsStore } from './windows.ts';

export type Outcome =
  | 'added'
  | 'removed'
  /** It was there already. */
  | 'present'
  /** It was not there. */
  | 'absent'
  /** With `dryRun`: it would be added or removed. */
  | 'to add'
  | 'to remove'
  /** Only the superuser may do it, with `command`. */
  | 'not permitted'
  | 'skipped'
  | 'failed';

export interface StoreReport {
  store: string;
  outcome: Outcome;
  reason?: string;
  command?: string;
}

export interface TrustOptions {
  undo?: boolean | undefined;
  dryRun?: boolean | undefined;
}

/** Every store of this machine, or the reason why there is none of that kind. */
export function findStores(
  surroundings: Surroundings,
  anchors: readonly AnchorFolder[] = anchorFolders,
): (TrustStore | Unusable)[] {
  const { platform, run } = surroundings;
  const isSuperuser = process.getuid?.() === 0;
  if (platform === 'win32') return [createWindowsStore(run)];
  const system = platform === 'darwin' ? createKeychain(run, isSuperuser) : findAnchorFolder(anchors, run);
  return [system, ...findNssDatabases(surroundings)];
}

/** Changes one store. If that fails, it reports the failure and does not throw. */
export async function applyTo(
  store: TrustStore | Unusable,
  root: Root,
  options: TrustOptions,
): Promise<StoreReport> {
  if ('reason' in store) return { store: store.name, outcome: 'skipped', reason: store.reason };
  const undo = options.undo === true;
  const command = store.command(root, undo);
  const byHand = command === undefined ? {} : { command };
  try {
    const isThere = await store.holds(root);
    if (isThere !== undo) return { store: store.name, outcome: undo ? 'absent' : 'present' };
    if (options.dryRun) {
      return {
        store: store.name,
        outcome: undo ? 'to remove' : 'to add',
        command: store.command(root, undo),
      };
    }
    await (undo ? store.remove(root) : store.add(root));
    return { store: store.name, outcome: undo ? 'removed' : 'added' };
  } catch (error) {
    return { ...failure(store, error), ...byHand };
  }
}

function failure({ name }: TrustStore, error: unknown): StoreReport {
  if (!(error instanceof Error) || !('code' in error)) throw error;
  const outcome = error instanceof NotPermitted ? 'not permitted' : 'failed';
  return { store: name, outcome, reason: visible(error.message) };
}
