// What one account may have open is counted exactly when that matters, also after the clock was set back.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createOpenWork } from '../../../src/acme/validation/open-work.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { createStore } from '../../support/store.ts';

test('what was finished is not counted for hours because the clock was set back by hours', async (t) => {
  const { database } = await createStore(t);
  const clock = createFakeClock();
  let open = 2;
  const work = createOpenWork({ clock, count: async () => open }, { limit: 2, what: 'orders' });
  const admit = () => database.write((tx) => work.admit(tx, 'one', 1));
  await assert.rejects(admit(), /too many orders/);
  open = 0;
  await assert.rejects(admit(), /too many orders/, 'it was counted a moment ago');
  clock.advance(-7200);
  await admit();
});
