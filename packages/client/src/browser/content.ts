// The content of a request in a browser: what `fetch` takes. A form with files is a FormData, whose boundary
// the browser chooses.
import type { Fields } from '../http/content.ts';
import type { RequestContent } from '../http/middleware.ts';

/** At most one of these. */
export interface BrowserContentOptions {
  body?: BodyInit | null | undefined;
  form?: Fields;
  json?: unknown;
  multipart?: Readonly<Record<string, MultipartValue | readonly MultipartValue[] | undefined>>;
}

type MultipartValue = string | number | boolean | Blob;

export interface BrowserContent {
  content: RequestContent;
  type?: string;
  replayable: boolean;
}

/** The content and its type. */
export function browserContent(options: BrowserContentOptions): BrowserContent {
  const kinds = (['body', 'form', 'json', 'multipart'] as const).filter(
    (kind) => options[kind] !== undefined,
  );
  if (kinds.length > 1) throw new TypeError(`give one of ${kinds.join(' and ')}`);
  const { body = null, form, json, multipart } = options;
  if (form !== undefined) {
    return { content: queryOf(form).toString(), type: 'application/x-www-form-urlencoded', replayable: true };
  }
  if (json !== undefined)
    return { content: JSON.stringify(json), type: 'application/json', replayable: true };
  if (multipart !== undefined) return opened(formData(multipart));
  if (body === null || typeof body === 'string') return { content: body, replayable: true };
  return opened(body);
}

/** The fields as a query. */
export function queryOf(fields: Fields): URLSearchParams {
  const pairs = Object.entries(fields).flatMap(([name, values]) =>
    [values ?? []].flat().map((value) => [name, String(value)]),
  );
  return new URLSearchParams(pairs);
}

function opened(body: BodyInit): BrowserContent {
  const content = (() => body) as unknown as RequestContent;
  return { content, replayable: !(body instanceof ReadableStream) };
}

function formData(fields: NonNullable<BrowserContentOptions['multipart']>): FormData {
  const form = new FormData();
  for (const [name, values] of Object.entries(fields)) {
    for (const value of [values ?? []].flat()) {
      if (value instanceof Blob) form.append(name, value);
      else form.append(name, String(value));
    }
  }
  return form;
}
