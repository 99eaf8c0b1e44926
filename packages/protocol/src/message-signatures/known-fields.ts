// Fields with a known structure, which `sf` writes in one form (RFC 9421 §2.1.1).
import { readDictionary, readItem, readList } from '../structured-fields/read.ts';
import { writeDictionary, writeList, writeMember } from '../structured-fields/write.ts';
import { malformed } from './errors.ts';

const STRUCTURES: Readonly<Record<string, 'dictionary' | 'list' | 'item'>> = {
  'accept-signature': 'dictionary',
  'cache-status': 'list',
  'cdn-cache-control': 'dictionary',
  'client-cert': 'item',
  'client-cert-chain': 'list',
  'content-digest': 'dictionary',
  priority: 'dictionary',
  'proxy-status': 'list',
  'repr-digest': 'dictionary',
  signature: 'dictionary',
  'signature-input': 'dictionary',
  'want-content-digest': 'dictionary',
  'want-repr-digest': 'dictionary',
};

/**
 * The strict text of a field. Throws StructuredFieldError, and `signature_malformed` for an unknown field.
 */
export function strictText(name: string, text: string): string {
  switch (Object.hasOwn(STRUCTURES, name) ? STRUCTURES[name] : undefined) {
    case 'dictionary':
      return writeDictionary(readDictionary(text));
    case 'list':
      return writeList(readList(text));
    case 'item':
      return writeMember(readItem(text));
    default:
      throw malformed(`covers ${name} with "sf", whose structure is not known here`);
  }
}
