// OAuth clients: creates, lists, changes, disables and removes them, and replaces their secrets. A client
// that acts for itself belongs to a service, whose roles its tokens have.
import { randomBytes, randomInt } from 'node:crypto';
import type { Clock } from '@gatehouse/access';
import { base32, GatehouseError } from '@gatehouse/access';
import type { Owners } from '../../identity/index.ts';
import type { Actor, Events } from '../../platform/feed/events.ts';
import type { Connection, Database, Tx } from '../../platform/store/database.ts';
import { oauthEvent } from '../events.ts';
import type { Client, ClientMetadata, ClientState } from '../store/rows.ts';
import type { OauthStore } from '../store/store.ts';
import { requireConsistent } from './client-rules.ts';
import { generateClientSecret } from './client-secret.ts';

export interface NewClient {
  /** Default: a random one. */
  id?: string;
  name: string;
  /** The name of the service; default: the client's name. */
  service?: string | undefined;
  /** The roles of the service, if it is new. */
  roles?: string[] | undefined;
  metadata: ClientMetadata;
  state?: ClientState;
}

/** A client with its secret, which is not stored. Clients without secrets have null. */
export type CreatedClient = Client & { secret: string | null };

export interface Clients {
  list(): Promise<Client[]>;
  /** `reference`: the name or the id. Throws `not_found`. */
  show(reference: string): Promise<Client>;
  /** Throws `conflict` if the name is taken, and `unprocessable` for metadata that do not fit together. */
  create(client: NewClient, actor: Actor): Promise<CreatedClient>;
  /** Throws `not_found`, `unprocessable`. */
  change(reference: string, change: Partial<ClientMetadata>, actor: Actor): Promise<Client>;
  /** Resolves when every worker applies it. Tokens of a disabled client stay void. Throws `not_found`. */
  setState(reference: string, state: 'active' | 'disabled', actor: Actor): Promise<Client>;
  /** Throws `not_found`. */
  remove(reference: string, actor: Actor): Promise<Client>;
  /**
   * The old secrets expire after `overlapSeconds`. Throws `not_found`, and `conflict` for a client without
   * secrets.
   */
  rotateSecret(
    reference: string,
    overlapSeconds: number,
    actor: Actor,
  ): Promise<{ client: Client; secret: string; oldEndsAt: number }>;
}

export interface ClientsDeps {
  database: Database;
  store: OauthStore;
  events: Events;
  clock: Clock;
  owners: Pick<Owners, 'resolve'>;
}

export function createClients({ database, store, events, clock, owners }: ClientsDeps): Clients {
  async function find(connection: Connection, reference: string): Promise<Client> {
    const client =
      (await store.clientNamed(connection, reference)) ?? (await store.client(connection, reference));
    if (client) return client;
    throw new GatehouseError(
      'not_found',
      `There is no OAuth client "${reference}": see 'gatehouse client list'.`,
    );
  }

  async function addSecret(tx: Tx, client: string): Promise<string> {
    const { text, hash } = generateClientSecret();
    await store.insertSecret(tx, { hash, client, created_at: clock.now(), ends_at: null });
    return text;
  }

  async function ownerOf(tx: Tx, { name, service, roles, metadata }: NewClient): Promise<string | null> {
    const actsForItself = metadata.grants.includes('client_credentials') || service !== undefined;
    if (!actsForItself) {
      if (!roles) return null;
      throw unfit('only a service has roles: add the grant client_credentials, or remove the roles');
    }
    const owner = await owners.resolve(tx, service ?? name, roles);
    if (owner.kind === 'service') return owner.name;
    throw unfit(`"${owner.name}" is a user: a client belongs to a service, so choose another name`);
  }

  function replace(
    reference: string,
    fact: string,
    actor: Actor,
    next: (client: Client, tx: Tx) => Client | Promise<Client>,
  ): Promise<Client> {
    return database.write(async (tx) => {
      const client = await next(await find(tx, reference), tx);
      requireConsistent(client);
      await store.replaceClient(tx, client);
      await events.publish(tx, oauthEvent(fact, actor, client.id, { name: client.name }));
      return client;
    });
  }

  return {
    list: () => store.clients(database.read),
    show: (reference) => find(database.read, reference),
    create: (wanted, actor) =>
      database.write(async (tx) => {
        const { id = base32(randomBytes(10)), name, metadata, state = 'active' } = wanted;
        if (await store.clientNamed(tx, name)) {
          throw new GatehouseError(
            'conflict',
            `An OAuth client "${name}" already exists: choose another name.`,
          );
        }
        const service = await ownerOf(tx, wanted);
        const client = { id, name, service, metadata, epoch: newEpoch(), state, createdAt: clock.now() };
        requireConsistent(client);
        await store.insertClient(tx, client);
        const secret = usesSecret(client) ? await addSecret(tx, id) : null;
        const data = { name, service, grants: metadata.grants, authMethod: metadata.authMethod, state };
        await events.publish(tx, oauthEvent('client_created', actor, id, data));
        return { ...client, secret };
      }),
    change: (reference, change, actor) =>
      replace(reference, 'client_changed', actor, (client) => ({
        ...client,
        metadata: { ...client.metadata, ...change },
      })),
    setState: (reference, state, actor) =>
      replace(
        reference,
        state === 'active' ? 'client_enabled' : 'client_disabled',
        actor,
        async (client, tx) => {
          if (state === 'active') return { ...client, state };
          await store.deleteOfClient(tx, client.id);
          return { ...client, state, epoch: newEpoch() };
        },
      ),
    remove: (reference, actor) =>
      database.write(async (tx) => {
        const client = await find(tx, reference);
        await store.deleteClient(tx, client.id);
        await events.publish(tx, oauthEvent('client_removed', actor, client.id, { name: client.name }));
        return client;
      }),
    rotateSecret: (reference, overlapSeconds, actor) =>
      database.write(async (tx) => {
        const client = await find(tx, reference);
        if (!usesSecret(client)) throw withoutSecret(client);
        const oldEndsAt = clock.now() + overlapSeconds * 1000;
        await store.endSecrets(tx, client.id, oldEndsAt);
        const secret = await addSecret(tx, client.id);
        const data = { name: client.name, oldEndsAt };
        await events.publish(tx, oauthEvent('client_secret_rotated', actor, client.id, data));
        return { client, secret, oldEndsAt };
      }),
  };
}

export function usesSecret({ metadata: { authMethod } }: Pick<Client, 'metadata'>): boolean {
  return authMethod === 'client_secret_basic' || authMethod === 'client_secret_post';
}

/** The epoch is random, because voided tokens must not become valid again when the clock is set back. */
function newEpoch(): number {
  return randomInt(2 ** 48 - 1);
}

function unfit(what: string): GatehouseError {
  return new GatehouseError('unprocessable', `The client is not valid: ${what}.`);
}

function withoutSecret({ name, metadata }: Client): GatehouseError {
  return new GatehouseError(
    'conflict',
    `The client "${name}" has no secret to replace: it authenticates with ${metadata.authMethod}.`,
  );
}
