// @peculiar/x509 as an oracle. It needs three functions of the metadata part of Reflect.

const metadata = new WeakMap<object, Map<unknown, unknown>>();

function metadataOf(key: unknown, target: object): unknown {
  return metadata.get(target)?.get(key);
}

function defineMetadata(key: unknown, value: unknown, target: object): void {
  metadata.set(target, new Map(metadata.get(target)).set(key, value));
}

Object.assign(Reflect, { getMetadata: metadataOf, getOwnMetadata: metadataOf, defineMetadata });

/** The library, after Reflect has these functions. */
export const peculiar = await import('@peculiar/x509');
peculiar.cryptoProvider.set(crypto);
