// Classifies the errors of a request: some are denials to record, and for others a person only has to sign
// in.
import { GatehouseError } from '../errors/errors.ts';
import type { StepUpRequirement } from '../principals/step-up-requirement.ts';
import type { AdmissionRequest, AdmissionState } from './admission-state.ts';

/** Whether the error is the client's fault, so that the denial is recorded. */
export function isRefusal(error: unknown): error is GatehouseError {
  return error instanceof GatehouseError && error.status < 500;
}

/** The code. For a certificate or a signature also the fault, because no other record has it. */
export function reasonOf({ code, message }: GatehouseError): string {
  const isDetailed = code === 'client_certificate_invalid' || code === 'signature_invalid';
  return isDetailed ? `${code}: ${message}`.slice(0, REASON_LENGTH) : code;
}

const REASON_LENGTH = 300;

/** Whether a person with a browser only has to sign in. That is not a denial, so it is not recorded. */
export function mayInvite({ route }: AdmissionState, request: AdmissionRequest, error: unknown): boolean {
  if (!(error instanceof GatehouseError) || error.code !== 'unauthenticated') return false;
  return route?.accept.includes('session') === true && request.canSignIn?.() === true;
}

export function invitation(requirement?: StepUpRequirement): GatehouseError {
  const options = requirement && { requirement };
  return new GatehouseError('sign_in_required', 'Follow this redirect, and sign in on that page.', options);
}

/** Whether the client only has to repeat the request. That is not a denial, so it is not recorded. */
export function isNonceRequest(error: unknown): boolean {
  if (!(error instanceof GatehouseError)) return false;
  return error.code === 'dpop_nonce_required' || error.code === 'signature_nonce_required';
}

export function isInvitation(error: unknown): boolean {
  return error instanceof GatehouseError && error.code === 'sign_in_required';
}
