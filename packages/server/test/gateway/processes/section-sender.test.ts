// Sends whole sections to one worker, a part at a time.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SectionPage } from '@gatehouse/access';
import { createSectionSender } from '../../../src/gateway/processes/section-sender.ts';
import type { Section } from '../../../src/platform/feed/feed.ts';

function section(name: string, size: number): Section {
  const entries = new Map(Array.from({ length: size }, (_, index) => [`${name}${index}`, index]));
  return { name, version: 3, entries } as unknown as Section;
}

const shape = ({ section: name, entries, isFirst, isLast }: SectionPage) =>
  `${name} ${entries.length}${isFirst ? ' first' : ''}${isLast ? ' last' : ''}`;

test('sends the next part when the worker has taken the last one, and an empty section as one part', () => {
  const posted: string[] = [];
  const sender = createSectionSender((page) => void posted.push(shape(page)));
  sender.send([section('users', 2001), section('keys', 0)]);
  assert.deepEqual(posted, ['users 2000 first']);
  sender.taken();
  assert.deepEqual(posted, ['users 2000 first', 'users 1 last']);
  sender.taken();
  assert.deepEqual(posted.slice(2), ['keys 0 first last']);
  sender.taken();
  assert.equal(posted.length, 3);
});

test('sends a section that is requested meanwhile next, and resolves each request when it was sent', () => {
  const posted: string[] = [];
  const sender = createSectionSender((page) => void posted.push(shape(page)));
  sender.send([section('users', 1)], () => void posted.push('users sent'));
  sender.send([section('keys', 1)], () => void posted.push('keys sent'));
  sender.taken();
  sender.taken();
  assert.deepEqual(posted, ['users 1 first last', 'users sent', 'keys 1 first last', 'keys sent']);
});
