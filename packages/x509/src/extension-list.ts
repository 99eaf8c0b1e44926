// Extensions of any structure (RFC 5280 §4.2, §5.2; RFC 6960 §4.4), read by a table of those that are known.
// Refuses an extension that appears twice and a `critical` that spells out FALSE; names critical ones that are not known.
import type { DerReader } from './der/read.ts';
import { TAG } from './der/tags.ts';
import { DerError } from './errors.ts';

/** What every reading of extensions gives. */
export interface ReadExtensions {
  /** OIDs. Whoever relies on the structure must refuse it unless each is understood elsewhere (RFC 5280 §4.2). */
  readonly uninterpretedCritical: readonly string[];
}

/** Reads the value of one extension; it may name its own OID as uninterpreted where the value says more than is understood. */
export type ExtensionReader<T> = (value: DerReader) => Partial<T & ReadExtensions>;

/**
 * Reads Extensions: the parts that the table's readers give, in one object.
 * @throws DerError
 */
export function readExtensionList<T extends object>(
  reader: DerReader,
  readers: ReadonlyMap<string, ExtensionReader<T>>,
): Partial<T> & ReadExtensions {
  const seen = new Set<string>();
  const uninterpretedCritical: string[] = [];
  const result: Partial<T> = {};
  reader.sequence((extensions) =>
    extensions.nonEmptyList((each) => {
      const { uninterpretedCritical: oids = [], ...part } = readExtension(each, { readers, seen });
      uninterpretedCritical.push(...oids);
      Object.assign(result, part);
    }),
  );
  return { ...result, uninterpretedCritical };
}

interface Context<T> {
  readonly readers: ReadonlyMap<string, ExtensionReader<T>>;
  readonly seen: Set<string>;
}

function readExtension<T>(reader: DerReader, { readers, seen }: Context<T>): Partial<T & ReadExtensions> {
  return reader.sequence((extension) => {
    const { offset } = extension;
    const oid = extension.objectIdentifier();
    if (seen.has(oid)) throw new DerError(`extension ${oid} appears twice (RFC 5280 §4.2)`, offset);
    seen.add(oid);
    const isCritical = extension.booleanOrFalse();
    const readValue = readers.get(oid);
    if (readValue !== undefined) return extension.within(TAG.octetString, readValue);
    extension.octetString();
    return (isCritical ? { uninterpretedCritical: [oid] } : {}) as Partial<T & ReadExtensions>;
  });
}
