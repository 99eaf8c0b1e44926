// Both ends of a sealed request and its answer (Oblivious HTTP, RFC 9458). The keys are made for one run.
import type { BinaryRequestHead } from '@gatehouse/protocol';
import {
  generateObliviousKey,
  importObliviousKey,
  KEM_X_WING,
  OFFERED_ALGORITHMS,
  openRequest,
  padMessage,
  REQUEST_MEDIA_TYPE,
  RESPONSE_MEDIA_TYPE,
  readBinaryRequest,
  readBinaryResponse,
  sealRequest,
  usableConfigurations,
  writeBinaryRequest,
  writeBinaryResponse,
} from '@gatehouse/protocol';

export interface SealedNote {
  /** The request of a client. */
  ask(path: string): Promise<{ content: Uint8Array; read(answer: Uint8Array): Promise<Buffer> }>;
  /** The whole answer of the server. `note` gives the content for a path. */
  answer(content: Uint8Array, note: (path: string) => string): Promise<Buffer>;
}

export const SEALED_HEADERS = [`Content-Type: ${REQUEST_MEDIA_TYPE}`];
const LIMITS = { maxHeadBytes: 65_536, maxFields: 100, maxPaddingBytes: 65_536 };

export async function createSealedNote(): Promise<SealedNote> {
  const pair = await generateObliviousKey(KEM_X_WING);
  const key = await importObliviousKey({ ...pair, id: 1 });
  const configuration = { id: 1, kem: KEM_X_WING, publicKey: pair.publicKey, algorithms: OFFERED_ALGORITHMS };
  const [target] = usableConfigurations([configuration]);
  if (!target) throw new TypeError('the key cannot be used');
  return {
    async ask(path) {
      const fields = ['date', new Date().toUTCString()];
      const head = { method: 'GET', scheme: 'https', authority: 'localhost', path, fields };
      const { message, openResponse } = await sealRequest(target, padMessage(writeBinaryRequest(head)));
      return { content: message, read: async (answer) => contentOf(await openResponse(answer)) };
    },
    async answer(content, note) {
      const { request, sealResponse } = await openRequest([key], content);
      const body = Buffer.from(note(pathOf(request)));
      const sealed = await sealResponse(padMessage(writeBinaryResponse({ status: 200, fields: [] }, body)));
      const head = `HTTP/1.1 200 OK\r\nContent-Type: ${RESPONSE_MEDIA_TYPE}\r\nConnection: close\r\n\r\n`;
      return Buffer.concat([Buffer.from(head), sealed]);
    },
  };
}

function pathOf(request: Uint8Array): string {
  let found: BinaryRequestHead | undefined;
  const head = (read: BinaryRequestHead) => {
    found = read;
  };
  const reader = readBinaryRequest(LIMITS, { head, content() {}, complete() {} });
  reader.read(request);
  reader.end();
  return found?.path ?? '';
}

function contentOf(response: Uint8Array): Buffer {
  const parts: Buffer[] = [];
  const content = (part: Uint8Array) => void parts.push(Buffer.from(part));
  const reader = readBinaryResponse(LIMITS, { head() {}, content, complete() {} });
  reader.read(response);
  reader.end();
  return Buffer.concat(parts);
}
