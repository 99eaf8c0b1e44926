// Frames of the link: split anywhere, limited, UTF-8.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFrameReader, encodeFrame } from '../../src/link/frames.ts';

function read(stream: Uint8Array, step: number): string[] {
  const texts: string[] = [];
  const reader = createFrameReader((text) => texts.push(text));
  for (let at = 0; at < stream.length; at += step) reader.read(stream.subarray(at, at + step));
  return texts;
}

test('a frame is four octets of length, big-endian, and UTF-8 text', () => {
  assert.deepEqual([...encodeFrame('"é"')], [0, 0, 0, 4, 0x22, 0xc3, 0xa9, 0x22]);
});

test('reads frames that arrive in parts of any size', () => {
  const texts = ['{}', '"é"', JSON.stringify('x'.repeat(300)), '1'];
  const stream = Buffer.concat(texts.map((text) => encodeFrame(text)));
  for (let step = 1; step <= stream.length; step += 1) assert.deepEqual(read(stream, step), texts, `${step}`);
});

test('refuses a text above the limit on both sides', () => {
  assert.throws(() => encodeFrame('12345', 4), RangeError);
  const reader = createFrameReader(() => assert.fail('received'), 4);
  assert.throws(() => reader.read(encodeFrame('12345')), RangeError);
});

test('refuses an empty frame and text that is not UTF-8', () => {
  assert.throws(() => read(Uint8Array.of(0, 0, 0, 0), 4), RangeError);
  assert.throws(() => read(Uint8Array.of(0, 0, 0, 1, 0xff), 5), TypeError);
});
