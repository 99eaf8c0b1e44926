// The life of the hierarchy: made on first start, intermediates rotated before they end, a root that is kept elsewhere imported. Keys are
// sealed in the key store. An act is one transaction, which also decides whether the act is needed: no start finds half of it.
import { createPublicKey, randomBytes } from 'node:crypto';
import type { IssuedCertificate, ParsedCertificate, PrivateKeyType, Signer } from '@gatehouse/x509';
import {
  createIssuer,
  createRequest,
  encodePrivateKey,
  encodeSpki,
  generatePrivateKey,
  intermediateProfile,
  keyIdentifier,
  readCertificate,
  rootProfile,
  selfSignCertificate,
  signerFromKey,
  spkiFingerprint,
} from '@gatehouse/x509';
import type { Clock } from '../../platform/clock.ts';
import type { Connection, Database, Tx } from '../../platform/database.ts';
import { GatehouseError } from '../../platform/errors.ts';
import type { Actor, Events } from '../../platform/events.ts';
import type { Projection } from '../../platform/feed.ts';
import type { KeyStore } from '../../platform/key-store.ts';
import { AUTHORITY_BACKDATE_MS } from '../backdate.ts';
import { recordOwn } from '../certificates/inventory.ts';
import { hierarchyEvent, isHierarchyChange, SYSTEM } from '../events.ts';
import type { CaStore, HierarchyRow } from '../store/store.ts';
import type { CaSettings } from '../types.ts';
import { isValidAt, requireWithinLife } from './clock-check.ts';
import type { Authority, Hierarchy } from './hierarchy.ts';
import { hasHierarchy, keyNameOf, loadHierarchy, signerFromPem } from './hierarchy.ts';
import type { ImportedFiles } from './import.ts';
import { checkImport } from './import.ts';
import { createInspection } from './lint.ts';
import { ownNames } from './own-names.ts';
import type { PublicationUrls } from './publication.ts';
import { retireRoots } from './retired-root.ts';

export interface AuthoritiesDeps {
  database: Database;
  store: CaStore;
  events: Events;
  keyStore: KeyStore;
  clock: Clock;
  urls: PublicationUrls;
}

export interface Authorities {
  current(): Hierarchy;
  /** Whether the intermediate in force should be replaced: it is past two thirds of its life, or begins after `now`. */
  mustRotate(now: number): boolean;
  /** Throws `clock_wrong` when nothing that is signed now could be valid. */
  requireClock(): void;
  /** Puts a new intermediate in force; the old one goes on answering for what it signed. Throws `conflict` without the root's key. */
  rotate(actor: Actor): Promise<void>;
  /** The request, in PEM, for an intermediate that a root elsewhere is to sign; the same until it is imported. */
  request(actor: Actor): Promise<string>;
  /**
   * Puts the requested intermediate in force, and its root. Throws `unprocessable` or `conflict`; `confirmation_required` where
   * the key of a root would be destroyed and `destroyRootKey` does not say so.
   */
  import(files: ImportedFiles, options: ImportOptions): Promise<void>;
  /** Reads the authorities again; retired ones leave when nothing that they signed is valid. */
  refresh(): Promise<void>;
  /** Follows changes of the hierarchy. */
  projection: Projection;
}

export interface ImportOptions {
  actor: Actor;
  destroyRootKey: boolean;
}

const ROTATE_AFTER = 2 / 3;

/** Loads the hierarchy, making it on first start. */
export async function openAuthorities(deps: AuthoritiesDeps, settings: CaSettings): Promise<Authorities> {
  const { database, store, clock } = deps;
  await ensureHierarchy(deps, settings);
  let current = await loadHierarchy(database.read, deps, clock.now());
  requireWithinLife(current.roots[0], clock.now());

  async function load(connection: Connection): Promise<void> {
    current = await loadHierarchy(connection, deps, clock.now());
  }

  async function rotate(actor: Actor): Promise<void> {
    await rotateIntermediate(deps, settings, { hierarchy: current, actor });
  }

  // One that ended while the server was down, or that was made while the clock was ahead, signs nothing that is valid.
  const [root] = current.roots;
  if (root.signer && !isValidAt(current.intermediates[0].certificate, clock.now())) {
    await rotate(SYSTEM);
    await load(database.read);
  }
  requireWithinLife(current.intermediates[0], clock.now());

  return {
    current: () => current,
    mustRotate(now) {
      const [from, to] = lifeOf(current.intermediates[0]);
      return now < from || now >= from + (to - from) * ROTATE_AFTER;
    },
    requireClock() {
      requireWithinLife(current.roots[0], clock.now());
      requireWithinLife(current.intermediates[0], clock.now());
    },
    rotate,
    async request(actor) {
      const known = (await store.hierarchy(database.read)).find(isPending);
      const pending = known ?? (await createPending(deps, settings, actor));
      const signer = await pendingSigner(deps, pending);
      return createRequest({ subject: intermediateSubject(settings) }, signer).pem;
    },
    import: (files, options) => importIntermediate(deps, settings, { hierarchy: current, files, ...options }),
    refresh: () => load(database.read),
    projection: {
      name: 'hierarchy',
      build: load,
      async advance(events) {
        if (events.some(isHierarchyChange)) await load(database.read);
      },
    },
  };
}

interface NewKey {
  id: string;
  signer: Signer;
  /** Stores the sealed key. */
  store(tx: Tx): Promise<void>;
}

async function createKey({ keyStore }: AuthoritiesDeps, type: PrivateKeyType): Promise<NewKey> {
  const privateKey = generatePrivateKey(type);
  const id = authorityId(encodeSpki(createPublicKey(privateKey)));
  const store = await keyStore.seal(keyNameOf(id), Buffer.from(encodePrivateKey(privateKey)));
  return { id, signer: signerFromKey(privateKey), store };
}

function authorityId(spki: Uint8Array): string {
  return Buffer.from(keyIdentifier(spki)).toString('hex');
}

function lifeOf({ certificate }: Authority): [from: number, to: number] {
  return [certificate.notBefore.getTime(), certificate.notAfter.getTime()];
}

/** When the certificate of an authority begins that is made at `now`. */
function authorityBegin(now: number, lifetimeSeconds: number): number {
  return now - Math.min(AUTHORITY_BACKDATE_MS, lifetimeSeconds * 100);
}

function intermediateSubject({ name }: CaSettings) {
  return { organization: name, commonName: `${name} Intermediate` };
}

/** Makes the hierarchy where there is none. Of several starts at once the first makes it. */
async function ensureHierarchy(deps: AuthoritiesDeps, settings: CaSettings): Promise<void> {
  const { database, store } = deps;
  if (await hasHierarchy(database.read, store)) return;
  const notBefore = new Date(authorityBegin(deps.clock.now(), settings.rootLifetime));
  const root = await createKey(deps, settings.keyType);
  const rootCertificate = selfSignCertificate(
    {
      profile: rootProfile(),
      subject: { organization: settings.name, commonName: `${settings.name} Root` },
      notBefore,
      notAfter: new Date(notBefore.getTime() + settings.rootLifetime * 1000),
    },
    { signer: root.signer, randomBytes, inspect: createInspection() },
  );
  const intermediate = await createKey(deps, settings.keyType);
  const certificate = issueIntermediate(deps, settings, {
    root: {
      id: root.id,
      signer: root.signer,
      pem: rootCertificate.pem,
      notBefore,
      notAfter: rootCertificate.notAfter,
    },
    publicKey: intermediate.signer.publicKey,
  });
  await database.write(async (tx) => {
    if (await hasHierarchy(tx, store)) return;
    await storeAuthority(tx, deps, {
      key: root,
      certificate: rootCertificate,
      role: 'root',
      issuerId: root.id,
    });
    await storeAuthority(tx, deps, {
      key: intermediate,
      certificate,
      role: 'intermediate',
      issuerId: root.id,
    });
  });
}

interface RootKey extends Pick<Authority, 'id' | 'pem'> {
  signer: Signer;
  notBefore: Date;
  notAfter: Date;
}

function issueIntermediate(
  { clock, urls }: AuthoritiesDeps,
  settings: CaSettings,
  { root, publicKey }: { root: RootKey; publicKey: Uint8Array },
): IssuedCertificate {
  const begin = authorityBegin(clock.now(), settings.intermediateLifetime);
  const notBefore = Math.max(begin, root.notBefore.getTime());
  const issuer = createIssuer({
    certificate: root.pem,
    signer: root.signer,
    randomBytes,
    inspect: createInspection(readCertificate(root.pem)),
  });
  const notAfter = notBefore + settings.intermediateLifetime * 1000;
  return issuer.issue({
    profile: intermediateProfile(urls.of(root.id, { ocsp: false })),
    subject: intermediateSubject(settings),
    publicKey,
    notBefore: new Date(notBefore),
    notAfter: new Date(Math.min(notAfter, root.notAfter.getTime())),
  });
}

interface NewAuthority {
  key: NewKey;
  certificate: IssuedCertificate;
  role: Authority['role'];
  issuerId: string;
}

async function storeAuthority(
  tx: Tx,
  deps: AuthoritiesDeps,
  { key, certificate, role, issuerId }: NewAuthority,
): Promise<void> {
  await key.store(tx);
  await deps.store.insertAuthority(tx, {
    id: key.id,
    role,
    state: 'active',
    certificate: certificate.pem,
    key_name: keyNameOf(key.id),
    created_at: deps.clock.now(),
  });
  await recordOwn(tx, deps, { certificate, profile: role, issuerId });
}

async function rotateIntermediate(
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
    "The root's key is kept elsewhere: sign the request of 'gatehouse ca request' with it, then 'gatehouse ca import'.",
  );
}

/** The ids of those that were in force. */
async function retireIntermediates(tx: Tx, { store }: AuthoritiesDeps): Promise<string[]> {
  const rows = await store.hierarchy(tx);
  const inForce = rows.filter(({ role, state }) => role === 'intermediate' && state === 'active');
  for (const { id } of inForce) await store.updateAuthority(tx, id, { state: 'retired' });
  return inForce.map(({ id }) => id);
}

function isPending({ state }: HierarchyRow): boolean {
  return state === 'pending';
}

/** Of several requests at once the first makes the key. */
async function createPending(
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

async function pendingSigner({ keyStore }: AuthoritiesDeps, { id, key_name }: HierarchyRow): Promise<Signer> {
  const key = key_name === null ? undefined : await keyStore.load(key_name);
  if (!key) throw new GatehouseError('conflict', `The key of the requested intermediate ${id} is gone.`);
  return signerFromPem(key);
}

async function importIntermediate(
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
    names: ownNames(settings),
    profiles: settings.profiles,
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

function requirePending(rows: readonly HierarchyRow[]): HierarchyRow {
  const pending = rows.find(isPending);
  if (pending) return pending;
  throw new GatehouseError('conflict', "No intermediate was requested: begin with 'gatehouse ca request'.");
}

function requestChanged(): GatehouseError {
  return new GatehouseError('conflict', 'Another intermediate was requested meanwhile: import that one.');
}

function requireNoKeyLost({ roots: [old] }: Hierarchy, root: ParsedCertificate): void {
  if (!old.signer) return;
  throw new GatehouseError(
    'confirmation_required',
    `The import puts the root ${root.subject.text} (${spkiFingerprint(root).pin}) in force and destroys the key of the root ` +
      `${old.certificate.subject.text} (${spkiFingerprint(old.certificate).pin}), which is here: that root can sign and revoke ` +
      'nothing afterwards. If that is what you want, give --destroy-root-key (in the admin API: "destroyRootKey": true).',
  );
}
