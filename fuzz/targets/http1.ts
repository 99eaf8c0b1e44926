// The readers of HTTP/1.1 beside two other parsers: what ours accept, the others must read alike.
import type { FuzzTarget } from '../harness/target.ts';
import { HTTP1_CORPUS } from './http1/corpus.ts';
import { mutateHttp } from './http1/mutate-http.ts';
import { createHttp1Readers } from './http1/readers.ts';

export function createTarget(): FuzzTarget {
  return { readers: createHttp1Readers(), corpus: HTTP1_CORPUS, mutate: mutateHttp };
}
