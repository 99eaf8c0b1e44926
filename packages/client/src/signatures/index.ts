// Signed requests and signed answers (RFC 9421).
export { type AnswerKeys, givenKeys, keysOfSet } from './answer-keys.ts';
export { type SigningKey, signerOf } from './keys.ts';
export { requestedNonce } from './requested-nonce.ts';
export { type SignOptions, sign } from './sign.ts';
export { messageOf, type RequestSignature, type RequestToSign, signRequest } from './sign-request.ts';
export { type AnswerPolicy, type AnswerToVerify, verifyAnswer } from './verify-answer.ts';
export { verifySignature } from './verify-signature.ts';
export { ANSWER_KEYS_PATH, type VerifySignatureOptions } from './verifying.ts';
