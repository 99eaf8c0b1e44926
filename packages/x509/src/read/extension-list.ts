// Reads the extensions of any structure (RFC 5280 §4.2, §5.2; RFC 6960 §4.4) by a table of known extensions.
// Refuses an extension that appears twice, and `critical` with the value FALSE. Lists unknown critical
// extensions.
import type { DerReader } from '../der/read.ts';
import { TAG } from '../der/tags.ts';
import { DerError } from '../errors.ts';

/** The result of reading any list of extensions. */
export interface ReadExtensions {
  /**
   * OIDs of unknown critical extensions. Refuse the structure unless you understand each of them (RFC 5280
   * §4.2).
   */
  readonly uninterpretedCritical: readonly string[];
}

/**
 * Reads the value of one extension. It can list its own OID as uninterpreted if it does not understand all of
 * the value.
 */
export type ExtensionReader<T> = (value: DerReader) => Partial<T & ReadExtensions>;

/**
 * Reads Extensions, and merges what the table's readers return into one object.
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
