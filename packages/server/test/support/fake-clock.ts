export { createFakeClock, type FakeClock } from '../../../access/test/support/fake-clock.ts';
