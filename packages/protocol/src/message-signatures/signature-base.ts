// The signature base (RFC 9421 §2.5): the octets that are signed.
import type { Bytes } from '../crypto/primitives.ts';
import type { InnerList } from '../structured-fields/values.ts';
import { writeInnerList, writeItem } from '../structured-fields/write.ts';
import { type BaseLine, baseText } from './base-text.ts';
import type { Component } from './components.ts';
import { componentOf, componentValue, identity } from './components.ts';
import { malformed } from './errors.ts';
import type { SignedMessage } from './message.ts';

/**
 * The text that is signed: a line for each component, then the parameters. Throws MessageSignatureError
 * `signature_malformed`, or `signature_invalid` for a component that the message does not have.
 * @example
 * signatureBase({ items: [component('@method')], params: new Map() }, request);
 */
export function signatureBase(input: InnerList, message: SignedMessage): string {
  const lines = componentsOf(input).map(
    (component): BaseLine => [writeItem(component), componentValue(component, message)],
  );
  return baseText(lines, writeInnerList(input));
}

/** The components of a signature. Throws `signature_malformed`, also if one comes twice. */
export function componentsOf({ items }: InnerList): Component[] {
  const seen = new Set<string>();
  return items.map((item) => {
    const component = componentOf(item);
    const id = identity(component);
    if (seen.has(id)) throw malformed('covers a component twice');
    if (component.value.value === '@signature-params') throw malformed('covers its own parameters');
    seen.add(id);
    return component;
  });
}

export function baseOctets(base: string): Bytes {
  return new TextEncoder().encode(base);
}
