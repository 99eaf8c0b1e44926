// An intermediate that was requested from a root elsewhere. Its key is here, and its certificate does not
// exist yet.
import { GatehouseError } from '@gatehouse/access';
import type { Signer } from '@gatehouse/x509';
import type { Actor } from '../../platform/feed/events.ts';
import { hierarchyEvent } from '../events.ts';
import type { HierarchyRow } from '../store/store.ts';
import type { CaSettings } from '../types.ts';
import { keyNameOf, signerFromPem } from './hierarchy.ts';
import type { AuthoritiesDeps } from './new-authority.ts';
import { createKey } from './new-authority.ts';

export function isPending({ state }: HierarchyRow): boolean {
  return state === 'pending';
}

/** Of several requests at once, the first creates the key. */
export async function createPending(
  deps: AuthoritiesDeps,
  settings: CaSettings,
  actor: Actor,
): Promise<HierarchyRow> {
  const key = await createKey(deps, settings.keyType);
  return deps.database.write(async (tx) => {
    const known = (await deps.store.hierarchy(tx)).find(isPending);
    if (known) return known;
    const row = {
      id: key.id,
      role: 'intermediate',
      state: 'pending',
      certificate: null,
      key_name: keyNameOf(key.id),
      created_at: deps.clock.now(),
    } as const;
    await key.store(tx);
    await deps.store.insertAuthority(tx, row);
    await deps.events.publish(tx, hierarchyEvent('ca.intermediate_requested', actor, { id: key.id }));
    return { ...row, crl_number: 0 };
  });
}

export async function pendingSigner(
  { keyStore }: AuthoritiesDeps,
  { id, key_name }: HierarchyRow,
): Promise<Signer> {
  const key = key_name === null ? undefined : await keyStore.load(key_name);
  if (!key) throw new GatehouseError('conflict', `The key of the requested intermediate ${id} is missing.`);
  return signerFromPem(key);
}

/** Throws `conflict` if no intermediate was requested. */
export function requirePending(rows: readonly HierarchyRow[]): HierarchyRow {
  const pending = rows.find(isPending);
  if (pending) return pending;
  throw new GatehouseError('conflict', "No intermediate was requested: begin with 'gatehouse ca request'.");
}
