// Fernet in frames (docs/wire/fernet-frames.md).
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { createFernetFrames, generateFernetKey, isFernetFrames } from '../../src/index.ts';
import { backEnds } from '../support/back-ends.ts';
import { missingPyca, runPython } from '../support/python.ts';

const KEY = 'cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=';
const HEADER = 'gatehouse-fernet-frames/1\n'.length + 32;
const FULL = 64 * 1024;
/** The octets of a full frame: version, time, IV, padded plaintext, HMAC. */
const FULL_FRAME = 1 + 8 + 16 + FULL + 16 + 32;

async function* inChunks(octets: Uint8Array, length = octets.length || 1) {
  for (let at = 0; at < octets.length; at += length) yield octets.subarray(at, at + length);
}

async function all(parts: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const part of parts) chunks.push(part);
  return Buffer.concat(chunks);
}

function message(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => index * 31 + (index >> 8));
}

/** The header and the frames of a file. */
function takenApart(file: Uint8Array): { header: Uint8Array; frames: Uint8Array[] } {
  const frames: Uint8Array[] = [];
  for (let at = HEADER; at < file.length; at += FULL_FRAME) frames.push(file.subarray(at, at + FULL_FRAME));
  return { header: file.subarray(0, HEADER), frames };
}

const frames = createFernetFrames(KEY);
const encrypt = (content: Uint8Array) => all(frames.encrypt(inChunks(content)));
const decrypt = (file: Uint8Array) => all(frames.decrypt(inChunks(file)));
const damaged = { name: 'FernetError', code: 'fernet_invalid_token' };
const early = { name: 'FernetError', code: 'fernet_frames_truncated' };

for (const { name, primitives } of backEnds) {
  suite(`frames on ${name}`, () => {
    test('reads back files of any length, in chunks of any length', async () => {
      const own = createFernetFrames(KEY, { primitives });
      for (const length of [0, 1, 15, 16, FULL - 1, FULL, FULL + 1, 3 * FULL]) {
        const content = message(length);
        const file = await all(own.encrypt(inChunks(content, 5000)));
        assert.equal(file.length, HEADER + takenApart(file).frames.reduce((sum, one) => sum + one.length, 0));
        assert.equal(takenApart(file).frames.length, Math.max(1, Math.ceil(length / FULL)));
        assert.deepEqual(await all(own.decrypt(inChunks(file, 777))), Buffer.from(content));
      }
    });

    test('reads files of the other platform', async () => {
      const file = await all(createFernetFrames(KEY, { primitives }).encrypt(inChunks(message(FULL + 5))));
      for (const { primitives: other } of backEnds) {
        const opened = await all(createFernetFrames(KEY, { primitives: other }).decrypt(inChunks(file)));
        assert.deepEqual(opened, Buffer.from(message(FULL + 5)));
      }
    });
  });
}

test('refuses a file that ends at any octet before its end', async () => {
  const file = await encrypt(message(2 * FULL));
  const ends = [0, 5, HEADER - 1, HEADER, HEADER + 10, HEADER + FULL_FRAME, HEADER + FULL_FRAME + 100];
  for (const end of [...ends, file.length - FULL_FRAME, file.length - 16, file.length - 1]) {
    await assert.rejects(decrypt(file.subarray(0, end)), { name: 'FernetError' }, String(end));
  }
  await assert.rejects(decrypt(file.subarray(0, HEADER)), early);
  await assert.rejects(decrypt(file.subarray(0, HEADER + FULL_FRAME)), early);
});

test('returns only the beginning of a truncated file, followed by the error', async () => {
  const file = await encrypt(message(3 * FULL));
  const given: Uint8Array[] = [];
  const read = async () => {
    for await (const part of frames.decrypt(inChunks(file.subarray(0, HEADER + 2 * FULL_FRAME))))
      given.push(part);
  };
  await assert.rejects(read(), early);
  assert.deepEqual(Buffer.concat(given), Buffer.from(message(FULL)));
});

test('refuses frames in another order, twice, left out, or after the end', async () => {
  const { header, frames: parts } = takenApart(await encrypt(message(3 * FULL + 10)));
  const [a, b, c, last] = parts as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
  for (const order of [
    [b, a, c, last],
    [a, a, b, c, last],
    [a, c, last],
    [b, c, last],
    [last],
    [a, b, last, c],
    [a, b, c, last, last],
  ]) {
    await assert.rejects(decrypt(Buffer.concat([header, ...order])), { name: 'FernetError' });
  }
});

test('refuses a frame of another file with the same key at the same place', async () => {
  const [one, other] = [await encrypt(message(2 * FULL)), await encrypt(message(2 * FULL))].map(takenApart);
  const spliced = [one?.header, other?.frames[0], one?.frames[1]] as Uint8Array[];
  await assert.rejects(decrypt(Buffer.concat(spliced)), damaged);
  const header = [other?.header, one?.frames[0], one?.frames[1]] as Uint8Array[];
  await assert.rejects(decrypt(Buffer.concat(header)), damaged);
});

test('refuses octets after a last frame that is full', async () => {
  const file = await encrypt(message(FULL));
  await assert.rejects(decrypt(Buffer.concat([file, Buffer.from('x')])), damaged);
});

test('refuses any change of one octet', async () => {
  const file = await encrypt(message(40));
  for (let index = 0; index < file.length; index += 1) {
    const changed = Buffer.from(file);
    changed[index] = (changed[index] ?? 0) ^ (1 << (index % 8));
    await assert.rejects(decrypt(changed), { name: 'FernetError' }, String(index));
  }
});

test('throws nothing but FernetError for any octets', async () => {
  const file = await encrypt(message(100));
  const mutated = fc
    .tuple(fc.nat({ max: file.length }), fc.uint8Array({ maxLength: 40 }), fc.nat({ max: 60 }))
    .map(([at, inserted, removed]) =>
      Buffer.concat([file.subarray(0, at), inserted, file.subarray(at + removed)]),
    )
    .filter((octets) => !octets.equals(file));
  await fc.assert(
    fc.asyncProperty(fc.oneof(mutated, fc.uint8Array()), (octets) =>
      assert.rejects(decrypt(octets), { name: 'FernetError' }),
    ),
    { numRuns: 300 },
  );
});

test('opens with any of the keys, and encrypts with the first', async () => {
  const [old, recent] = [generateFernetKey(), generateFernetKey()];
  const file = await all(createFernetFrames(old).encrypt(inChunks(message(FULL + 1))));
  const both = createFernetFrames([recent, old]);
  assert.deepEqual(await all(both.decrypt(inChunks(file))), Buffer.from(message(FULL + 1)));
  const next = await all(both.encrypt(inChunks(message(3))));
  assert.equal((await all(createFernetFrames(recent).decrypt(inChunks(next)))).length, 3);
  await assert.rejects(all(createFernetFrames(recent).decrypt(inChunks(file))), damaged);
  assert.throws(() => createFernetFrames([]), { code: 'fernet_invalid_key' });
});

test('checks the age of the file if a limit is given', async () => {
  const at = (clock: number) => createFernetFrames(KEY, { clock: () => clock });
  const file = await all(at(1_000_000).encrypt(inChunks(message(5))));
  const opens = (clock: number) => all(at(clock).decrypt(inChunks(file), { ttlSeconds: 60 }));
  assert.equal((await opens(1_060_000)).length, 5);
  await assert.rejects(opens(1_061_000), damaged);
  await assert.rejects(opens(939_000), damaged);
  await assert.rejects(all(frames.decrypt(inChunks(file), { ttlSeconds: Number.NaN })), TypeError);
});

test('reads only two frames ahead of its output, so that files of any length fit in memory', async () => {
  let read = 0;
  async function* source() {
    for (; read < 200; read += 1) yield new Uint8Array(FULL);
  }
  let given = 0;
  for await (const part of frames.decrypt(frames.encrypt(source()))) {
    given += part.length / FULL;
    assert.ok(read - given <= 4, `${read} read, ${given} given`);
  }
  assert.equal(given, 200);
});

test('ends its source when the reader stops', async () => {
  let isEnded = false;
  async function* endless() {
    try {
      for (;;) yield new Uint8Array(FULL);
    } finally {
      isEnded = true;
    }
  }
  for await (const part of frames.encrypt(endless())) if (part.length > HEADER) break;
  assert.ok(isEnded);
});

test('reports the facts that need no decryption, and the first wrong frame', async () => {
  const own = createFernetFrames(KEY, { clock: () => 499_162_800_000 });
  const file = await all(own.encrypt(inChunks(message(2 * FULL))));
  const facts = await own.inspect(inChunks(file));
  assert.deepEqual(facts, {
    salt: new Uint8Array(file.subarray(HEADER - 32, HEADER)),
    frames: 2,
    timeSeconds: 499_162_800,
    ciphertextLength: 2 * (FULL + 16),
    firstBadFrame: undefined,
  });
  file[file.length - 1] = (file.at(-1) ?? 0) ^ 1;
  assert.equal((await own.inspect(inChunks(file))).firstBadFrame, 1);
  assert.equal((await createFernetFrames(generateFernetKey()).inspect(inChunks(file))).firstBadFrame, 0);
  assert.ok(isFernetFrames(file) && !isFernetFrames(Buffer.from('gAAAAA')));
});

const PYTHON = `
import base64, json, struct, sys
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
FORM = b'gatehouse-fernet-frames/1'
key, file, content = json.load(sys.stdin)
secret = base64.urlsafe_b64decode(key)
def frame_key(salt, index, last):
    info = FORM + struct.pack('>QB', index, last)
    return Fernet(base64.urlsafe_b64encode(HKDF(SHA256(), 32, salt, info).derive(secret)))
file = base64.b64decode(file)
salt, rest, opened = file[26:58], file[58:], b''
frames = [rest[at:at + 65609] for at in range(0, len(rest), 65609)]
for index, frame in enumerate(frames):
    opened += frame_key(salt, index, index == len(frames) - 1).decrypt(base64.urlsafe_b64encode(frame))
content = base64.b64decode(content)
parts = [content[at:at + 65536] for at in range(0, len(content), 65536)]
written = FORM + b'\\n' + salt
for index, part in enumerate(parts):
    written += base64.urlsafe_b64decode(frame_key(salt, index, index == len(parts) - 1).encrypt(part))
print(json.dumps([base64.b64encode(opened).decode(), base64.b64encode(written).decode()]))`;

test('a few lines of Python open and write the same files', { skip: missingPyca() }, async () => {
  const content = Buffer.from(message(FULL + 100));
  const file = await encrypt(content);
  const input = [KEY, file.toString('base64'), content.toString('base64')];
  const [opened, written] = runPython(PYTHON, input) as [string, string];
  assert.deepEqual(Buffer.from(opened, 'base64'), content);
  assert.deepEqual(await decrypt(Buffer.from(written, 'base64')), content);
});
