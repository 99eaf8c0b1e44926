// The notes API: list, create, read and delete notes, and a stream of events. A note is `{"text": …}`.
// Refuses other bodies, bodies that are too large, and too many notes, each with one clear line.
import { JsonBodyError, readJsonObject } from '@gatehouse/protocol';
import { errorAnswer, jsonAnswer } from '../answers.ts';
import type { Route } from '../routes.ts';
import type { NoteEvents } from './note-events.ts';
import type { Note, NoteStore } from './note-store.ts';

export interface NoteServices {
  notes: NoteStore;
  events: NoteEvents;
}

/**
 * The routes of a store of notes and their events. `maxBodyBytes` is the limit for a request that creates a
 * note.
 */
export function noteRoutes({ notes, events }: NoteServices, maxBodyBytes: number): Route[] {
  return [
    {
      path: '/notes',
      methods: {
        GET: () => jsonAnswer(200, notes.list().map(toJson)),
        POST: async (context) => {
          const text = await readText(context.req.raw, maxBodyBytes);
          return text instanceof Response ? text : create(text);
        },
      },
    },
    { path: '/notes/events', methods: { GET: events.stream } },
    {
      path: '/notes/:id',
      methods: {
        GET: (context) => {
          const note = notes.find(context.req.param('id') ?? '');
          return note ? jsonAnswer(200, toJson(note)) : notFound();
        },
        DELETE: (context) => remove(context.req.param('id') ?? ''),
      },
    },
  ];

  function create(text: string): Response {
    const note = notes.add(text);
    if (note === undefined) return errorAnswer(507, 'Too many notes: delete one first');
    events.created(note);
    return jsonAnswer(201, toJson(note), { Location: `/notes/${note.id}` });
  }

  function remove(id: string): Response {
    if (!notes.remove(id)) return notFound();
    events.deleted(id);
    return new Response(null, { status: 204 });
  }
}

async function readText(request: Request, maxBodyBytes: number): Promise<string | Response> {
  try {
    const { text } = await readJsonObject(request, maxBodyBytes);
    if (typeof text === 'string' && text !== '') return text;
    return errorAnswer(400, '"text" must be a string that is not empty');
  } catch (error) {
    if (!(error instanceof JsonBodyError)) throw error;
    return errorAnswer(error.code === 'body_too_large' ? 413 : 400, error.message);
  }
}

function notFound(): Response {
  return errorAnswer(404, 'No such note');
}

function toJson({ id, text, createdAt }: Note): { id: string; text: string; createdAt: string } {
  return { id, text, createdAt };
}
