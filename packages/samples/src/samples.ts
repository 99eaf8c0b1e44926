// The sample services behind the gateway, which do not check the caller: the time, the encrypted endpoint, a
// message under a shared secret, notes with files and events, and three guarded resources. Answers unknown
// paths with 404. An error does not show its cause.
import {
  createEncryptedEndpoint,
  type EncryptedEndpoint,
  type EncryptedEndpointOptions,
  type FernetKeys,
} from '@gatehouse/protocol';
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
import { secretMessageRoutes } from './secret-message.ts';

/** The paths of the encrypted endpoint. */
export const ENCRYPTED_PATHS: readonly string[] = ['/encrypted', '/encrypted/'];

/** The folder, the clock, the log and the limits of the samples. */
export interface SamplesOptions {
  /** The folder of uploaded files. It is created if it does not exist. */
  folder: string;
  /** Milliseconds since the epoch; `Date.now` by default. */
  clock?: () => number;
  log?: SamplesLog;
  /** The secret that the server shares with clients of `/symmetric/`; none by default. */
  secretKeys?: FernetKeys | undefined;
  /** The greatest age of a client's token; 60 by default. */
  tokenLifetimeSeconds?: number;
  /** 1,000 by default. */
  maxNotes?: number;
  /** The largest body that creates a note; 8,192 by default. */
  maxNoteBytes?: number;
  /** 256 by default. */
  maxFiles?: number;
  /** 268,435,456 by default. */
  maxFileBytes?: number;
  /** How many clients may listen to events at the same time; 256 by default. */
  maxEventStreams?: number;
  /** The time between the comments in an open stream of events; 15 by default. */
  heartbeatSeconds?: number;
  /** The limits of the encrypted endpoint, and the signer of its keys. */
  encrypted?: EncryptedEndpointOptions;
}

/** All sample services. */
export interface Samples {
  /** Answers one request. Does not reject. */
  fetch(request: Request): Response | Promise<Response>;
  /** The endpoint at `ENCRYPTED_PATHS`. */
  readonly encrypted: EncryptedEndpoint;
  /** Ends the streams of events. */
  close(): void;
}

/**
 * Creates all sample services as one function that answers requests.
 * @throws Node's error if the folder cannot be used, and FernetError for a bad key
 * @example
 * const samples = createSamples({ folder: '/tmp/samples' });
 * const response = await samples.fetch(new Request('http://localhost/notes'));
 */
export function createSamples(options: SamplesOptions): Samples {
  const { folder, clock = Date.now, log = () => {} } = options;
  const { maxNotes = 1000, maxNoteBytes = 8192, maxFiles = 256, maxFileBytes = 268_435_456 } = options;
  const { secretKeys, tokenLifetimeSeconds = 60 } = options;
  const { maxEventStreams = 256, heartbeatSeconds = 15 } = options;
  const files = createFileStore({ folder, maxFileBytes, maxFiles });
  const notes = createNoteStore(clock, maxNotes);
  const events = createNoteEvents({ heartbeatSeconds, maxStreams: maxEventStreams });

  const encrypted = createEncrypted(options, { clock, log });

  const app = new Hono();
  for (const path of ENCRYPTED_PATHS) app.all(path, (context) => encrypted.fetch(context.req.raw));
  mountRoutes(app, [
    ...currentTimeRoutes(clock),
    ...secretMessageRoutes({ secretKeys, tokenLifetimeSeconds, clock, log }),
    ...fileRoutes(files, maxFileBytes),
    ...noteRoutes({ notes, events }, maxNoteBytes),
    ...guardedRoutes,
  ]);
  app.notFound(() => errorAnswer(404, 'Not found'));
  app.onError((error, { req: { method, path } }) => {
    log({ event: 'request.failed', method, path, error });
    return errorAnswer(500, 'Internal server error');
  });
  return { fetch: (request) => app.fetch(request), encrypted, close: events.close };
}

function createEncrypted(
  { encrypted }: SamplesOptions,
  { clock, log }: { clock: () => number; log: SamplesLog },
): EncryptedEndpoint {
  return createEncryptedEndpoint({
    ...encrypted,
    clock,
    onFailure({ reason, clientId, error }) {
      log({ event: 'encrypted.refused', reason, clientId, ...(error !== undefined && { error }) });
    },
    onMessage(plaintext, clientId) {
      log({ event: 'encrypted.decrypted', clientId, bytes: plaintext.length });
    },
  });
}
