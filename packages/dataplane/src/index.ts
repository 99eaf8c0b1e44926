// The data plane as other packages see it.
export {};
