// The sample services behind the gateway, which know nothing of security: the time, the encrypted endpoint, notes with
// files and events, and three guarded resources. Refuses unknown paths with 404; an error never shows its cause.
import { createEncryptedEndpoint } from '@gatehouse/protocol';
import { Hono } from 'hono';
import { errorAnswer } from './answers.ts';
import { currentTimeRoutes } from './current-time.ts';
import { guardedRoutes } from './guarded.ts';
import type { SamplesLog } from './log.ts';
import { fileRoutes } from './notes/file-routes.ts';
import { createFileStore } from './notes/file-store.ts';
import { createNoteEvents } from './notes/note-events.ts';
import { noteRoutes } from './notes/note-routes.ts';
import { createNoteStore } from './notes/note-store.ts';
import { mountRoutes } from './routes.ts';

export interface SamplesOptions {
  /** Where uploaded files are kept; made if need be. */
  folder: string;
  /** Milliseconds since the epoch; `Date.now` by default. */
  clock?: () => number;
  log?: SamplesLog;
  /** 1,000 by default. */
  maxNotes?: number;
  /** The largest body that creates a note; 8,192 by default. */
  maxNoteBytes?: number;
  /** 256 by default. */
  maxFiles?: number;
  /** 268,435,456 by default. */
  maxFileBytes?: number;
  /** How many clients may follow the events; 256 by default. */
  maxEventStreams?: number;
  /** The pause between the comments that keep a stream of events alive; 15 by default. */
  heartbeatSeconds?: number;
}

export interface Samples {
  /** Answers one request; never rejects. */
  fetch(request: Request): Response | Promise<Response>;
  /** Ends the streams of events. */
  close(): void;
}

/** All sample services as one handler of requests. Throws when the folder cannot be used. */
export function createSamples(options: SamplesOptions): Samples {
  const { folder, clock = Date.now, log = () => {} } = options;
  const { maxNotes = 1000, maxNoteBytes = 8192, maxFiles = 256, maxFileBytes = 268_435_456 } = options;
  const { maxEventStreams = 256, heartbeatSeconds = 15 } = options;
  const files = createFileStore({ folder, maxFileBytes, maxFiles });
  const notes = createNoteStore(clock, maxNotes);
  const events = createNoteEvents({ heartbeatSeconds, maxStreams: maxEventStreams });

  const app = new Hono();
  mountEncrypted(app, { clock, log });
  mountRoutes(app, [
    ...currentTimeRoutes(clock),
    ...fileRoutes(files, maxFileBytes),
    ...noteRoutes({ notes, events }, maxNoteBytes),
    ...guardedRoutes,
  ]);
  app.notFound(() => errorAnswer(404, 'Not found'));
  app.onError((error, { req: { method, path } }) => {
    log({ event: 'request.failed', method, path, error });
    return errorAnswer(500, 'Internal server error');
  });
  return { fetch: (request) => app.fetch(request), close: events.close };
}

function mountEncrypted(app: Hono, { clock, log }: { clock: () => number; log: SamplesLog }): void {
  const endpoint = createEncryptedEndpoint({
    clock,
    onFailure: ({ reason, clientId }) => log({ event: 'encrypted.refused', reason, clientId }),
    onMessage: (plaintext, clientId) =>
      log({ event: 'encrypted.decrypted', clientId, bytes: plaintext.length }),
  });
  for (const path of ['/encrypted', '/encrypted/'])
    app.all(path, (context) => endpoint.fetch(context.req.raw));
}
