// Capabilities in the server: created in order, treated alike, closed in reverse order.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import type { Capability, CapabilityDeps, CapabilityKind } from '../../src/platform/capability.ts';
import { listCapabilities } from '../../src/platform/capability.ts';
import { createOwnSection } from '../../src/platform/feed/section.ts';
import { createStore } from '../support/store.ts';

interface First extends Capability {
  greeting: string;
}

const settings = z.strictObject({ word: z.string().default('hello') }).prefault({});

function kinds(steps: string[]) {
  const section = createOwnSection('words', [['a', 1]]);
  const first: CapabilityKind<'first', typeof settings, CapabilityDeps, First> = {
    name: 'first',
    migrations: [{ name: 'first/0001-words', up: async () => {} }],
    settings,
    create: (_deps, { word }) => ({
      greeting: word,
      projections: [
        {
          name: 'counts',
          build: async () => void steps.push('build counts'),
          advance() {},
        },
      ],
      sections: { words: section },
      open: async () => void steps.push('open first'),
      close: async () => void steps.push('close first'),
    }),
  };
  const second: CapabilityKind<'second', typeof settings, CapabilityDeps & { first: First }, Capability> = {
    name: 'second',
    migrations: [{ name: 'second/0001-more', up: async () => {} }],
    settings,
    create({ first }) {
      steps.push(`second sees ${first.greeting}`);
      return { close: async () => void steps.push('close second') };
    },
  };
  return { first, second, section };
}

test('each capability is created with those before it, follows the feed, is opened, and is closed in reverse order', async (t) => {
  const steps: string[] = [];
  const { first, second, section } = kinds(steps);
  const list = listCapabilities(first, second);
  const store = await createStore(t);
  const stack = new AsyncDisposableStack();
  const blocks = { first: { word: 'good day' }, second: { word: '' } };
  const opened = await list.open(store as unknown as CapabilityDeps, blocks, stack);
  assert.equal(opened.first.greeting, 'good day');
  assert.deepEqual(steps.splice(0), ['build counts', 'open first', 'second sees good day']);
  assert.ok(store.feed.sections.includes(section));
  await stack.disposeAsync();
  assert.deepEqual(steps, ['close second', 'close first']);
});

test('a capability that fails to open is closed with those before it', async (t) => {
  const steps: string[] = [];
  const { first } = kinds(steps);
  const broken: CapabilityKind<'broken', typeof settings, CapabilityDeps, Capability> = {
    name: 'broken',
    migrations: [],
    settings,
    create: () => ({
      open: () => Promise.reject(new Error('no')),
      close: async () => void steps.push('close broken'),
    }),
  };
  const stack = new AsyncDisposableStack();
  const deps = (await createStore(t)) as unknown as CapabilityDeps;
  const blocks = { first: { word: '' }, broken: { word: '' } };
  await assert.rejects(listCapabilities(first, broken).open(deps, blocks, stack), /no/);
  await stack.disposeAsync();
  assert.deepEqual(steps.slice(-2), ['close broken', 'close first']);
});

test('the list has the migrations and the settings of all, in their order', () => {
  const { first, second } = kinds([]);
  const list = listCapabilities(first, second);
  assert.deepEqual(
    list.migrations.map(({ name }) => name),
    ['first/0001-words', 'second/0001-more'],
  );
  assert.deepEqual(z.strictObject(list.settings).parse({ second: { word: 'bye' } }), {
    first: { word: 'hello' },
    second: { word: 'bye' },
  });
});

test('a list in the wrong order does not compile', () => {
  const { first, second } = kinds([]);
  // @ts-expect-error: `second` needs `first` before it.
  const list = listCapabilities(second, first);
  assert.equal(list.migrations.length, 2);
});
