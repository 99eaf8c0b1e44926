// Puts another intermediate in force: one that our root signs, or one that a root elsewhere has signed. The
// same act retires the previous one. Refuses to destroy the key of a root without a confirmation.
import { GatehouseError } from '@gatehouse/access';
import type { ParsedCertificate } from '@gatehouse/x509';
import { spkiFingerprint } from '@gatehouse/x509';
import type { Actor } from '../../platform/feed/events.ts';
import type { Tx } from '../../platform/store/database.ts';
import { recordOwn } from '../certificates/inventory.ts';
import { hierarchyEvent } from '../events.ts';
import type { CaSettings } from '../types.ts';
import { requireWithinLife } from './clock-check.ts';
import type { Hierarchy } from './hierarchy.ts';
import type { ImportedFiles } from './import.ts';
import { checkImport } from './import.ts';
import type { AuthoritiesDeps } from './new-authority.ts';
import { authorityId, createKey, issueIntermediate, storeAuthority } from './new-authority.ts';
import { ownNames } from './own-names.ts';
import { pendingSigner, requirePending } from './requested.ts';
import { retireRoots } from './retired-root.ts';

export interface ImportOptions {
  actor: Actor;
  destroyRootKey: boolean;
}

/** Throws `conflict` without the root's key. */
export async function rotateIntermediate(
  deps: AuthoritiesDeps,
  settings: CaSettings,
  { hierarchy, actor }: { hierarchy: Hierarchy; actor: Actor },
): Promise<void> {
  const { id: rootId, pem, signer, certificate: rootCertificate } = hierarchy.roots[0];
  requireWithinLife(hierarchy.roots[0], deps.clock.now());
  if (!signer) throw keyElsewhere();
  const key = await createKey(deps, settings.keyType);
  const { notBefore, notAfter } = rootCertificate;
  const root = { id: rootId, pem, signer, notBefore, notAfter };
  const certificate = issueIntermediate(deps, settings, { root, publicKey: key.signer.publicKey });
  await deps.database.write(async (tx) => {
    // An import may have replaced the root meanwhile.
    if ((await deps.store.authority(tx, rootId))?.state !== 'active') throw keyElsewhere();
    const [replaces = null] = await retireIntermediates(tx, deps);
    await storeAuthority(tx, deps, { key, certificate, role: 'intermediate', issuerId: rootId });
    const event = hierarchyEvent('ca.intermediate_rotated', actor, { id: key.id, replaces });
    await deps.events.publish(tx, event);
  });
}

function keyElsewhere(): GatehouseError {
  return new GatehouseError(
    'conflict',
    "The root's key is stored elsewhere: sign the request of 'gatehouse ca request' with it, then 'gatehouse ca import'.",
  );
}

/** Throws `unprocessable`, `conflict` or `confirmation_required`. */
export async function importIntermediate(
  deps: AuthoritiesDeps,
  settings: CaSettings,
  { hierarchy, files, actor, destroyRootKey }: { hierarchy: Hierarchy; files: ImportedFiles } & ImportOptions,
): Promise<void> {
  const { store, database, events, clock } = deps;
  const pending = requirePending(await store.hierarchy(database.read));
  const signer = await pendingSigner(deps, pending);
  const { intermediate, root } = checkImport(files, {
    signer,
    now: clock.now(),
    organization: settings.name,
    names: ownNames(settings),
    profiles: settings.profiles,
    trustDomain: settings.trustDomain,
  });
  const rootId = authorityId(root.spki);
  const known = hierarchy.roots[0].id === rootId;
  if (!known && !destroyRootKey) requireNoKeyLost(hierarchy, root);
  await database.write(async (tx) => {
    const { id } = requirePending(await store.hierarchy(tx));
    if (id !== pending.id) throw requestChanged();
    await retireIntermediates(tx, deps);
    if (!known) {
      await retireRoots(tx, deps, hierarchy);
      await store.deleteAuthority(tx, rootId);
      await store.insertAuthority(tx, {
        id: rootId,
        role: 'root',
        state: 'active',
        certificate: root.pem,
        key_name: null,
        created_at: clock.now(),
      });
    }
    await store.updateAuthority(tx, pending.id, { state: 'active', certificate: intermediate.pem });
    await recordOwn(tx, deps, {
      certificate: intermediate,
      profile: 'intermediate',
      issuerId: rootId,
      actor,
    });
    await events.publish(
      tx,
      hierarchyEvent('ca.hierarchy_imported', actor, { id: pending.id, root: rootId, newRoot: !known }),
    );
  });
}

/** The ids of the authorities that were in force. */
async function retireIntermediates(tx: Tx, { store }: AuthoritiesDeps): Promise<string[]> {
  const rows = await store.hierarchy(tx);
  const inForce = rows.filter(({ role, state }) => role === 'intermediate' && state === 'active');
  for (const { id } of inForce) await store.updateAuthority(tx, id, { state: 'retired' });
  return inForce.map(({ id }) => id);
}

function requestChanged(): GatehouseError {
  return new GatehouseError(
    'conflict',
    'Another intermediate was requested since then: import that intermediate.',
  );
}

function requireNoKeyLost({ roots: [old] }: Hierarchy, root: ParsedCertificate): void {
  if (!old.signer) return;
  throw new GatehouseError(
    'confirmation_required',
    `The import puts the root ${root.subject.text} (${spkiFingerprint(root).pin}) in force and destroys the key of the root ` +
      `${old.certificate.subject.text} (${spkiFingerprint(old.certificate).pin}), which this server has. After that, the old root can sign and revoke ` +
      'nothing. If you want this, give --destroy-root-key (in the admin API: "destroyRootKey": true).',
  );
}
