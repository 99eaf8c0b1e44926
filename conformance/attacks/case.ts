// The form of an attack: octets that a client sends, and the required result. The tables beside this file
// have the attacks by class. `attacks.test.ts` sends them, with a recorder as the upstream.

/** Attacks of one kind with the same required result. */
export interface AttackGroup {
  /** Their mistake, with the section of the standard. */
  title: string;
  expect: Expectation;
  cases: readonly AttackCase[];
}

export interface AttackCase {
  name: string;
  /** The octets as Latin-1. Every target in them contains `MARK`. */
  octets: string;
  /** Only for groups that are forwarded. */
  forwarded?: ForwardedForm | undefined;
}

export type Expectation =
  /** Answered with one of these statuses; nothing reaches the upstream, and the connection closes. */
  | { kind: 'refused'; statuses: readonly number[] }
  /** Answered with one of these statuses; nothing reaches the upstream. The connection may stay open. */
  | { kind: 'denied'; statuses: readonly number[] }
  /** Reaches the upstream once, in the form that the case names, and is answered with 200. */
  | { kind: 'forwarded' };

/** The request that the upstream must receive. */
export interface ForwardedForm {
  /** The request line. */
  line: string;
  /** Default: none. */
  body?: string;
  /** Required fields, each with its only value. */
  has?: Readonly<Record<string, string>>;
  /** Forbidden fields. */
  lacks?: readonly string[];
}

/** A placeholder for a word of the same length that is different in each case. */
export const MARK = 'CASE000';
export const TARGET = `/${MARK}`;
export const HOST = 'Host: localhost\r\n';
/** A request that must not be read after a refused one. */
export const SMUGGLED = `GET ${TARGET}-smuggled HTTP/1.1\r\n${HOST}\r\n`;

/** `attack` with a unique mark. */
export function marked(attack: AttackCase, index: number): { mark: string; attack: AttackCase } {
  const mark = `case${String(index).padStart(3, '0')}`;
  const replace = (text: string) => text.replaceAll(MARK, mark);
  const { name, octets, forwarded: form } = attack;
  const markedForm = form && { ...form, line: replace(form.line), body: replace(form.body ?? '') };
  return { mark, attack: { name, octets: replace(octets), forwarded: markedForm } };
}

/** A group of requests that are refused, by default with 400. */
export function refused(
  title: string,
  cases: Record<string, string>,
  statuses: readonly number[] = [400],
): AttackGroup {
  return { title, expect: { kind: 'refused', statuses }, cases: named(cases) };
}

/** A group of requests that rules deny, not because of their syntax. */
export function denied(
  title: string,
  cases: Record<string, string>,
  statuses: readonly number[],
): AttackGroup {
  return { title, expect: { kind: 'denied', statuses }, cases: named(cases) };
}

/** A group of valid requests, each with the form in which it reaches the upstream. */
export function forwarded(title: string, cases: Record<string, [string, ForwardedForm]>): AttackGroup {
  return {
    title,
    expect: { kind: 'forwarded' },
    cases: Object.entries(cases).map(([name, [octets, form]]) => ({ name, octets, forwarded: form })),
  };
}

export function get(fields = '', target = TARGET): string {
  return `GET ${target} HTTP/1.1\r\n${HOST}${fields}\r\n`;
}

export function post(fields: string, body: string, target = TARGET): string {
  return `POST ${target} HTTP/1.1\r\n${HOST}${fields}\r\n${body}`;
}

export function chunked(body: string): string {
  return post('Transfer-Encoding: chunked\r\n', body);
}

/** One case for each of `values`, named by it. */
export function each(values: readonly string[], make: (value: string) => string): Record<string, string> {
  return Object.fromEntries(values.map((value) => [JSON.stringify(value), make(value)]));
}

function named(cases: Record<string, string>): AttackCase[] {
  return Object.entries(cases).map(([name, octets]) => ({ name, octets }));
}
