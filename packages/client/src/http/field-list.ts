// The header of a request as a flat list of names and values, which is quick to copy and to send. It is an
// instance of the global Headers, so that middleware can use it as one. Refuses names and values that RFC
// 9110 §5 forbids.
import type { HttpRequest } from './middleware.ts';

const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const NOT_IN_VALUE = /[^\t\x20-\x7e\x80-\xff]/;
const AROUND_VALUE = /^[\t\r\n ]+|[\t\r\n ]+$/g;

/** Names in lower case, each once, followed by its value. */
export class FieldList {
  readonly #flat: string[];

  constructor(flat: string[] = []) {
    this.#flat = flat;
  }

  get(name: string): string | null {
    return this.#flat[this.#indexOf(name.toLowerCase()) + 1] ?? null;
  }

  has(name: string): boolean {
    return this.#indexOf(name.toLowerCase()) >= 0;
  }

  set(name: string, value: string): void {
    const [field, content] = checked(name, value);
    const index = this.#indexOf(field);
    if (index < 0) this.#flat.push(field, content);
    else this.#flat[index + 1] = content;
  }

  append(name: string, value: string): void {
    const before = this.get(name);
    const [field, content] = checked(name, value);
    if (before === null) this.#flat.push(field, content);
    else this.set(field, `${before}${field === 'cookie' ? ';' : ','} ${content}`);
  }

  delete(name: string): void {
    const index = this.#indexOf(name.toLowerCase());
    if (index >= 0) this.#flat.splice(index, 2);
  }

  getSetCookie(): string[] {
    return [];
  }

  forEach(callback: (value: string, name: string, all: Headers) => void, self?: unknown): void {
    for (const [name, value] of this) callback.call(self, value, name, this as unknown as Headers);
  }

  /** Sorted by name, as in Headers. */
  *entries(): IterableIterator<[string, string]> {
    const names = this.#flat.filter((_, index) => index % 2 === 0).sort();
    for (const name of names) yield [name, this.get(name) as string];
  }

  *keys(): IterableIterator<string> {
    for (const [name] of this) yield name;
  }

  *values(): IterableIterator<string> {
    for (const [, value] of this) yield value;
  }

  [Symbol.iterator](): IterableIterator<[string, string]> {
    return this.entries();
  }

  [Symbol.for('nodejs.util.inspect.custom')](): Record<string, string> {
    return Object.fromEntries(this);
  }

  copy(): FieldList {
    return new FieldList(this.#flat.slice());
  }

  /** The list itself, for undici. */
  get flat(): readonly string[] {
    return this.#flat;
  }

  #indexOf(name: string): number {
    for (let index = 0; index < this.#flat.length; index += 2) if (this.#flat[index] === name) return index;
    return -2;
  }
}

// The constructor of Headers never runs for this object, so its own members replace all those of Headers.
Object.setPrototypeOf(FieldList.prototype, Headers.prototype);

/** A copy that can be changed. */
export function copyFields(headers: Headers): FieldList & Headers {
  const copy = headers instanceof FieldList ? headers.copy() : new FieldList([...headers].flat());
  return copy as FieldList & Headers;
}

/** A copy of the request with this header field. */
export function withHeader(request: HttpRequest, name: string, value: string): HttpRequest {
  const headers = copyFields(request.headers);
  headers.set(name, value);
  return { ...request, headers };
}

/** The fields as undici takes them. */
export function flatFields(headers: Headers): string[] {
  return (headers instanceof FieldList ? headers.flat : [...headers].flat()) as string[];
}

function checked(name: string, value: string): [name: string, value: string] {
  const text = String(value).replace(AROUND_VALUE, '');
  if (!NAME.test(name))
    throw new TypeError(`${JSON.stringify(name)} is not the name of a field (RFC 9110 §5.1)`);
  if (NOT_IN_VALUE.test(text)) {
    throw new TypeError(
      `the value of the field ${name} has a character that no field may have (RFC 9110 §5.5)`,
    );
  }
  return [name.toLowerCase(), text];
}
