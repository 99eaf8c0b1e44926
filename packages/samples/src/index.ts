// @gatehouse/samples: the sample services, as a function that answers requests, or on a port.
export type { SamplesLog, SamplesLogEntry } from './log.ts';
export { createSamples, type Samples, type SamplesOptions } from './samples.ts';
export { type SamplesServer, type ServeSamplesOptions, serveSamples } from './serve.ts';
