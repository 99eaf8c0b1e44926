// Runs in each process of `npm test` before its tests. Node's test runner follows every promise, timer and
// socket, to find the test of an error that no test awaits. That takes a fifth of the processor time of these
// tests. With this module it follows only its own tests, to find the suite of a test or a hook. An error that
// no test awaits still fails the process, and is printed here.
import asyncHooks from 'node:async_hooks';

const { AsyncResource, createHook, executionAsyncId } = asyncHooks;
let created = () => {};

// A test in Node is an AsyncResource. The runner takes both names from the module when it is loaded.
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
