// The life of the hierarchy: the first start creates it, intermediates rotate before they expire, and a root
// whose key is elsewhere can be imported. Each act is one transaction, which also decides whether the act is
// needed. So no start finds half of an act.
import { createRequest } from '@gatehouse/x509';
import type { Actor } from '../../platform/feed/events.ts';
import type { Projection } from '../../platform/feed/feed.ts';
import type { Connection } from '../../platform/store/database.ts';
import { isHierarchyChange, SYSTEM } from '../events.ts';
import type { CaSettings } from '../types.ts';
import { isValidAt, requireWithinLife } from './clock-check.ts';
import type { Authority, Hierarchy } from './hierarchy.ts';
import { loadHierarchy } from './hierarchy.ts';
import type { ImportedFiles } from './import.ts';
import type { AuthoritiesDeps } from './new-authority.ts';
import { ensureHierarchy } from './new-authority.ts';
import type { ImportOptions } from './put-in-force.ts';
import { importIntermediate, rotateIntermediate } from './put-in-force.ts';
import { createPending, isPending, pendingSigner } from './requested.ts';
import { intermediateSubject } from './subjects.ts';

export interface Authorities {
  current(): Hierarchy;
  /**
   * Whether the intermediate in force should be replaced: it is past two thirds of its life, or begins after
   * `now`.
   */
  mustRotate(now: number): boolean;
  /** Throws `clock_wrong` if nothing that is signed now could be valid. */
  requireClock(): void;
  /**
   * Puts a new intermediate in force; the old one still answers for the certificates that it signed. Throws
   * `conflict` without the root's key.
   */
  rotate(actor: Actor): Promise<void>;
  /**
   * The request, in PEM, for an intermediate that a root elsewhere must sign. It stays the same until the
   * import.
   */
  request(actor: Actor): Promise<string>;
  /**
   * Puts the requested intermediate in force, and its root. Throws `unprocessable` or `conflict`;
   * `confirmation_required` if the key of a root would be destroyed without `destroyRootKey`.
   */
  import(files: ImportedFiles, options: ImportOptions): Promise<void>;
  /**
   * Follows changes of the hierarchy. When it is read again, it drops retired authorities if no certificate
   * that they signed is valid.
   */
  projection: Projection;
}

const ROTATE_AFTER = 2 / 3;

/** Loads the hierarchy. The first start creates it. */
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

  // An intermediate that expired while the server was down, or that was made while the clock was ahead, can
  // sign nothing that is valid.
  const [root] = current.roots;
  if (root.signer && !isValidAt(current.intermediates[0].certificate, clock.now())) {
    await rotate(SYSTEM);
    await load(database.read);
  }
  // If its root is stored elsewhere, an expired intermediate is replaced with commands, and they need a
  // running server.
  const [inForce] = current.intermediates;
  const [begin] = lifeOf(inForce);
  if (clock.now() < begin) requireWithinLife(inForce, clock.now());

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
      return createRequest({ subject: intermediateSubject(settings.name) }, signer).pem;
    },
    import: (files, options) => importIntermediate(deps, settings, { hierarchy: current, files, ...options }),
    projection: {
      name: 'hierarchy',
      build: load,
      async advance(events) {
        if (events.some(isHierarchyChange)) await load(database.read);
      },
    },
  };
}

function lifeOf({ certificate }: Authority): [from: number, to: number] {
  return [certificate.notBefore.getTime(), certificate.notAfter.getTime()];
}
