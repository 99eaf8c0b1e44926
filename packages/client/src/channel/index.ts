// @gatehouse/client/channel: messages that only the two ends can read.
export { type Channel, type ChannelOptions, type ChannelReply, openChannel } from './channel.ts';
export { channelRecord, pinsInRecords } from './dns-record.ts';
export { type ChannelOffer, fetchOffer, type OfferProof } from './offer.ts';
export {
  askChannel,
  type ChannelAnswer,
  type ChannelRequest,
  type ChannelTarget,
  type ChannelTransport,
} from './transport.ts';
export {
  type ChannelTrust,
  type OfferExpectation,
  type VerifiedOffer,
  verifyOffer,
} from './verify-offer.ts';
