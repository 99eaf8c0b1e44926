// Runs in each process of `npm test` before its tests. Node's test runner follows every promise, timer and
// socket, so that it can say which test an error belongs to that no test awaits. That takes a fifth of the
// processor time of these tests. Here, it learns of its tests alone, so that it knows which suite a test or a
// hook is in. An error that no test awaits still fails the process, and is printed here.
import asyncHooks from 'node:async_hooks';

const { AsyncResource, createHook, executionAsyncId } = asyncHooks;
let created = () => {};

// A test of Node's is an AsyncResource. Both names are taken from the module when the runner is loaded.
asyncHooks.AsyncResource = class extends AsyncResource {
  constructor(type, options) {
    super(type, options);
    created(this.asyncId(), type, executionAsyncId(), this);
  }
};
asyncHooks.createHook = ({ init }) => {
  created = init;
  return { enable() {}, disable() {} };
};
await import('node:test');
Object.assign(asyncHooks, { AsyncResource, createHook });

for (const event of ['uncaughtException', 'unhandledRejection']) {
  process.on(event, (error) => console.error(`${event} outside of a test:`, error));
}
