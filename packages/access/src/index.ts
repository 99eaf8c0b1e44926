// Decisions about access that the data plane and the control plane share.
export {};
