// Selects the header fields that pass through, as flat lists of names and values. Hop-by-hop fields do not
// pass (RFC 9110 §7.6.1). Upstreams get fields about the caller and its address only from the gateway; see
// field-rules.ts.
import { isOwnCookie, withoutOwnCookies } from '@gatehouse/access';
import type { FieldList } from '../http1/messages.ts';
import { requestRule, responseRule, trailerMayPass } from './field-rules.ts';
import { ownLocation } from './location.ts';

export interface OriginFacts {
  /** The client's IP address. */
  address: string;
  /** The Host that the client sent. */
  host: string;
  /** The version of HTTP in the client's request: `1.1`. */
  httpVersion: string;
}

// RFC 9110 §7.6.3: every gateway adds itself, after the version of HTTP of the request.
const VIA_NAME = 'gatehouse';

/**
 * The client's fields for the upstream, without `Host`. Leaves out our own credentials, because the upstream
 * could use them.
 */
export function requestFields(sent: FieldList, isOwnCredential: (value: string) => boolean): FieldList {
  const nominated = nominatedFields(sent);
  const fields: FieldList = [];
  for (let index = 0; index < sent.length; index += 2) {
    const name = sent[index] as string;
    const rule = requestRule(name);
    if (rule === 'drop' || nominated?.has(name.toLowerCase())) continue;
    const value = sent[index + 1] as string;
    if (rule === 'credential' && isOwnCredential(value)) continue;
    const passed = rule === 'cookies' ? withoutOwnCookies(value) : value;
    if (passed !== undefined) fields.push(name, passed);
  }
  return fields;
}

/** The fields that tell the upstream the origin of a request. */
export function originFields({ address, host, httpVersion }: OriginFacts): FieldList {
  return [
    'X-Forwarded-For',
    address,
    'X-Forwarded-Proto',
    'https',
    'X-Forwarded-Host',
    host,
    'Via',
    `${httpVersion} ${VIA_NAME}`,
  ];
}

/** The field that names the caller; `assertion` is undefined for an anonymous caller. */
export function callerFields(assertion: string | undefined): FieldList {
  return assertion === undefined ? [] : ['Gatehouse-Assertion', assertion];
}

export interface AnsweringFacts {
  status: number;
  /** The upstream's origin, in the form for Location. */
  upstreamOrigin: string;
  /** The Host that the client sent. */
  host: string;
  /** Translates a path of the upstream into the path for clients, if they differ. */
  clientPath?: ((path: string) => string | undefined) | undefined;
  /** Fields that our own fields replace, in lower case. */
  replaced?: ReadonlySet<string> | undefined;
}

/** The fields for the client. A redirect to the upstream's own origin becomes one to ours. */
export function responseFields(sent: FieldList, facts: AnsweringFacts): FieldList {
  const nominated = nominatedFields(sent);
  const fields: FieldList = [];
  for (let index = 0; index < sent.length; index += 2) {
    const name = sent[index] as string;
    const rule = responseRule(name);
    if (rule === 'drop' || nominated?.has(name.toLowerCase())) continue;
    if (facts.replaced?.has(name.toLowerCase())) continue;
    // RFC 9110 §8.6: no Content-Length in 1xx and 204.
    if (rule === 'length' && (facts.status < 200 || facts.status === 204)) continue;
    const value = sent[index + 1] as string;
    // Otherwise an upstream could set the session cookie of another person.
    if (rule === 'cookie' && isOwnCookie(value)) continue;
    fields.push(name, rule === 'location' ? ownLocation(value, facts) : value);
  }
  return fields;
}

export function hasLocation(fields: FieldList): boolean {
  return fields.some((field, index) => index % 2 === 0 && responseRule(field) === 'location');
}

/** The trailers that may pass, in either direction (RFC 9110 §6.5.1). */
export function trailerFields(sent: FieldList): FieldList {
  if (sent.length === 0) return sent;
  const fields: FieldList = [];
  for (let index = 0; index < sent.length; index += 2) {
    const name = sent[index] as string;
    if (trailerMayPass(name)) fields.push(name, sent[index + 1] as string);
  }
  return fields;
}

// Connection must not remove these: they are meant for all recipients (RFC 9110 §7.6.1).
const NOT_NOMINATED = new Set([
  'content-length',
  'content-type',
  'cache-control',
  'authorization',
  'x-api-key',
  'dpop',
]);

/**
 * The fields that Connection declares to be for this hop only. Undefined if there are none, the usual case.
 */
function nominatedFields(fields: FieldList): Set<string> | undefined {
  let names: Set<string> | undefined;
  for (let index = 0; index < fields.length; index += 2) {
    const field = fields[index] as string;
    if (field.length !== 10 || field.toLowerCase() !== 'connection') continue;
    const value = fields[index + 1] as string;
    // These two are common and do not pass anyway.
    if (value === 'keep-alive' || value === 'close') continue;
    for (const option of value.toLowerCase().split(',')) {
      const name = option.trim();
      if (name === 'keep-alive' || name === 'close' || NOT_NOMINATED.has(name)) continue;
      names ??= new Set();
      names.add(name);
    }
  }
  return names;
}
