// The backup of a running server, as the answer to a request of the local operator. It has the master key, so
// it is sent only over the socket in the data folder: a client of that socket could read the key file anyway.
import type { Clock } from '@gatehouse/access';
import { GatehouseError } from '@gatehouse/access';
import type { DataFolder } from '../platform/data-folder/data-folder.ts';
import type { Actor, DomainEvent, Events } from '../platform/feed/events.ts';
import { content, withContent } from '../platform/http/answer.ts';
import type { Route } from '../platform/http/route.ts';
import { actorOf, route } from '../platform/http/route.ts';
import type { KeyStore } from '../platform/keys/key-store.ts';
import type { Database } from '../platform/store/database.ts';
import { createArchive } from './archive.ts';

const MEDIA_TYPE = 'application/x-tar';

export interface BackupRouteDeps {
  clock: Clock;
  database: Database;
  events: Events;
  folder: DataFolder;
  keyStore: KeyStore;
  /** The version of this program. */
  version: string;
}

export function backupRoute({ database, events, keyStore, ...source }: BackupRouteDeps): Route {
  return route({
    name: 'createBackup',
    method: 'POST',
    path: '/admin/backup',
    permission: 'server:CreateBackup',
    summary: 'Copy the data folder',
    description:
      'Only over the socket in the data folder. The archive is not encrypted: `gatehouse backup` does that.',
    answers: { 200: content(MEDIA_TYPE) },
    async handle(call) {
      const actor = actorOf(call);
      if (actor.kind !== 'operator') {
        throw new GatehouseError(
          'forbidden',
          "A backup has the master key: make it on the server's own machine, without --server.",
        );
      }
      // This comes first, so that the backup has this entry.
      await database.write((tx) => events.publish(tx, backupStarted(actor)));
      return withContent(MEDIA_TYPE, createArchive({ ...source, masterKeyFile: keyStore.masterKeyFile() }));
    },
  });
}

function backupStarted(actor: Actor): DomainEvent {
  return { type: 'server.backup_started', actor, outcome: 'success', subject: null, data: {} };
}
