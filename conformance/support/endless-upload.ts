// An upload that continues after its refusal, to test how much of it the gateway still reads.
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import type { RawClientOptions } from './raw-client.ts';
import { connectRaw } from './raw-client.ts';

const CHUNK = Buffer.alloc(256 * 1024);
const WAITING_BYTES = 4 * CHUNK.length;
const CUT_WITHIN_MS = 20_000;

/** How many octets the connection accepts after the answer with `status`, until it is closed. */
export async function takenAfterRefusal(
  server: RawClientOptions,
  path: string,
  status: number,
): Promise<number> {
  const client = await connectRaw(server);
  client.write(`POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000000\r\n\r\nbegin`);
  assert.equal((await client.response()).status, status);
  const deadline = performance.now() + CUT_WITHIN_MS;
  let taken = 0;
  while (!client.socket.destroyed) {
    assert.ok(performance.now() < deadline, `not cut within ${CUT_WITHIN_MS} ms, after ${taken} octets`);
    if (client.socket.writableLength < WAITING_BYTES) {
      client.socket.write(CHUNK);
      taken += CHUNK.length;
    }
    await delay(1);
  }
  return taken;
}
