// The messages of XML-RPC (xmlrpc.com/spec.md): a call, and its response, which is a value or a fault.
import { XmlRpcError, XmlRpcFault } from './errors.ts';
import { onlyChild, readValue, requireName } from './read-value.ts';
import { writeValue, type XmlRpcValue } from './write-value.ts';
import { escapeXml, parseXml, type XmlElement, type XmlRpcLimits } from './xml.ts';

export interface Call {
  method: string;
  parameters: XmlRpcValue[];
}

const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n';

/** Throws `TypeError` for a parameter without a type. */
export function writeCall({
  method,
  parameters,
}: {
  method: string;
  parameters: readonly unknown[];
}): string {
  const params = parameters.map((value) => `<param>${writeValue(value)}</param>`).join('');
  const name = `<methodName>${escapeXml(method)}</methodName>`;
  return `${DECLARATION}<methodCall>${name}<params>${params}</params></methodCall>\n`;
}

/** Throws `TypeError` for a value without a type. */
export function writeResponse(value: unknown): string {
  const params = `<params><param>${writeValue(value)}</param></params>`;
  return `${DECLARATION}<methodResponse>${params}</methodResponse>\n`;
}

export function writeFault({ faultCode, faultString }: XmlRpcFault): string {
  const fault = writeValue({ faultCode, faultString });
  return `${DECLARATION}<methodResponse><fault>${fault}</fault></methodResponse>\n`;
}

/** Throws `XmlRpcError`. */
export function readCall(octets: Uint8Array, limits: Required<XmlRpcLimits>): Call {
  const { children } = requireName(parseXml(octets, limits), 'methodCall');
  const [name, params, third] = children;
  if (name === undefined || third !== undefined)
    throw new XmlRpcError('<methodCall> should have a <methodName>');
  return {
    method: requireName(name, 'methodName').text.trim(),
    parameters: params === undefined ? [] : readParams(params),
  };
}

/** The value. Throws `XmlRpcFault` for a fault, and `XmlRpcError`. */
export function readResponse(octets: Uint8Array, limits: Required<XmlRpcLimits>): XmlRpcValue {
  const root = requireName(parseXml(octets, limits), 'methodResponse');
  if (root.children[0]?.name === 'fault') throw faultIn(onlyChild(root, 'fault'));
  const [value, second] = readParams(onlyChild(root, 'params'));
  if (second !== undefined) throw new XmlRpcError('a response has more than one value');
  return value;
}

function readParams(params: XmlElement): XmlRpcValue[] {
  requireName(params, 'params');
  return params.children.map((param) => readValue(onlyChild(requireName(param, 'param'), 'value')));
}

function faultIn(fault: XmlElement): XmlRpcFault | XmlRpcError {
  const found = readValue(onlyChild(fault, 'value'));
  if (found === null || typeof found !== 'object' || !('faultCode' in found) || !('faultString' in found)) {
    return new XmlRpcError('a fault should have faultCode and faultString');
  }
  return new XmlRpcFault(Number(found.faultCode), String(found.faultString));
}
