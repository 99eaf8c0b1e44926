// The types that TypeScript infers from the public functions. Not run: the compiler refuses this file if a
// type differs.
import {
  type Client,
  client,
  createClient,
  type Downloaded,
  HttpError,
  type Middleware,
  type PendingResponse,
  type RequestError,
  type ServerSentEvent,
  TlsError,
  type TlsReason,
  xmlrpc,
  xmlrpcServer,
} from '../src/index.ts';

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Compiles only if the types are equal. */
declare function is<_Same extends true>(): void;

interface Note {
  title: string;
}

export async function answers(): Promise<void> {
  const http = client({ baseUrl: 'https://api.example' });
  const pending = http.get('/notes');
  is<Equal<typeof pending, PendingResponse>>();
  is<Equal<Awaited<typeof pending>, Response>>();

  const note = await http.get('/notes/1').json<Note>();
  is<Equal<typeof note, Note>>();
  const unknown = await http.get('/notes/1').json();
  is<Equal<typeof unknown, unknown>>();
  // @ts-expect-error: the type of an answer is unknown until the caller gives it
  unknown.title;
  // @ts-expect-error: a note has no such member
  note.titel;

  for await (const line of http.get('/lines').ndjson<Note>()) is<Equal<typeof line, Note>>();
  for await (const event of http.get('/events').sse()) is<Equal<typeof event, ServerSentEvent>>();
  const downloaded = await http.download('/file', 'file', { resume: true });
  is<Equal<typeof downloaded, Downloaded>>();

  await http.post('/notes', { json: { title: 'a' }, query: { page: 1, tag: ['a', 'b'], none: undefined } });
  // @ts-expect-error: the function sets the method
  await http.post('/notes', { method: 'PUT' });
  // @ts-expect-error: a form has strings, numbers and booleans
  await http.post('/notes', { form: { title: { nested: true } } });
  // @ts-expect-error: there is no such option
  await http.get('/notes', { timeout: 5 });
  // @ts-expect-error: nor for the client
  client({ insecure: true });
}

/** A client is a `fetch`, so it can be given where one is expected. */
export function asFetch(): void {
  const http = client();
  const fetching: typeof fetch = http;
  takesFetch({ fetch: http });
  takesFetch({ fetch: http.with() });
  fetching('https://api.example/');
}

declare function takesFetch(options: { fetch: typeof globalThis.fetch }): void;

/** The parameters of middleware need no types. */
export const counting: Middleware = async (request, next) => {
  is<Equal<typeof request.url, URL>>();
  const response = await next(request);
  is<Equal<typeof response, Response>>();
  return response;
};

interface Api {
  add(a: number, b: number): number;
  later(text: string): Promise<Date>;
  notes: { list(): Note[] };
}

export async function remote(): Promise<void> {
  const api = xmlrpc<Api>(client(), 'https://api.example/RPC2');
  const sum = await api.add(1, 2);
  is<Equal<typeof sum, number>>();
  const date = await api.later('x');
  is<Equal<typeof date, Date>>();
  const notes = await api.notes.list();
  is<Equal<typeof notes, Note[]>>();
  const names = await api.system.listMethods();
  is<Equal<typeof names, string[]>>();
  // @ts-expect-error: a parameter of another type
  await api.add('1', 2);
  // @ts-expect-error: there is no such method
  await api.subtract(1, 2);

  const simple: Client = createClient();
  is<Equal<ReturnType<typeof xmlrpc<Api>>['add'], (a: number, b: number) => Promise<number>>>();
  xmlrpc<Api>(simple, 'https://api.example/RPC2');

  const methods = { add: (a: number, b: number) => a + b };
  xmlrpcServer(methods);
  const typed = xmlrpc<typeof methods>(client(), 'https://api.example/RPC2');
  is<Equal<Awaited<ReturnType<typeof typed.add>>, number>>();
  xmlrpcServer({
    whoami() {
      is<Equal<typeof this.address, string>>();
      return this.name;
    },
  });
}

export function errors(error: unknown): void {
  if (error instanceof HttpError) {
    is<Equal<typeof error.status, number>>();
    is<Equal<typeof error.body, string>>();
  }
  if (error instanceof TlsError) {
    is<Equal<typeof error.reason, TlsReason>>();
    const base: RequestError = error;
    is<Equal<typeof base.retryable, boolean>>();
  }
}
