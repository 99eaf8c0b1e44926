// How much a client accepts from a server.

/** A missing member has its default. */
export interface Limits {
  /** Octets of a body that is read whole, after decompression. Default: 64 MiB. */
  bodyBytes?: number;
  /** Octets of a decompressed body, also if it is read as a stream. Default: 4 GiB. */
  decodedBytes?: number;
  /** The largest ratio of decompressed to compressed size, after the first MiB. Default: 200. */
  ratio?: number;
  /** Octets of the header of an answer. Default: 64 KiB. */
  headerBytes?: number;
  /** Redirects of one request. Default: 10. */
  redirects?: number;
}

export const defaultLimits: Required<Limits> = {
  bodyBytes: 64 * 1024 ** 2,
  decodedBytes: 4 * 1024 ** 3,
  ratio: 200,
  headerBytes: 64 * 1024,
  redirects: 10,
};
