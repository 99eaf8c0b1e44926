// The errors of XML-RPC: a fault, which is an answer, and a message that cannot be read or written.

/**
 * A fault: the answer to a call that the server does not carry out. A method throws one to answer with it.
 * @example
 * throw new XmlRpcFault(4, 'There is no such account.');
 */
export class XmlRpcFault extends Error {
  readonly faultCode: number;
  readonly faultString: string;

  constructor(faultCode: number, faultString: string, options?: { cause?: unknown }) {
    super(`fault ${faultCode}: ${faultString}`, options);
    this.name = 'XmlRpcFault';
    this.faultCode = faultCode;
    this.faultString = faultString;
  }
}

/**
 * A message that is not XML-RPC, or is larger or deeper than the limits allow.
 * @example
 * if (error instanceof XmlRpcError) answer.writeHead(400).end(error.message);
 */
export class XmlRpcError extends Error {
  /** Whether the octets are not XML at all. */
  readonly isNotXml: boolean;

  constructor(message: string, options?: { cause?: unknown; isNotXml?: boolean }) {
    super(message, options);
    this.name = 'XmlRpcError';
    this.isNotXml = options?.isNotXml ?? false;
  }
}

/** The codes that implementations agree on ("Specification for Fault Code Interoperability"). */
export const faultCodes = {
  notWellFormed: -32_700,
  notXmlRpc: -32_600,
  unknownMethod: -32_601,
  application: -32_500,
} as const;
