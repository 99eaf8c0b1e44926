// A server of XML-RPC: functions by name, called with the values of the call. The caller gets faults. Any
// other error goes to `onError`, and the caller does not get its cause.
import type { XmlRpcCaller } from './caller.ts';
import { faultCodes, XmlRpcError, XmlRpcFault } from './errors.ts';
import { introspection, unknownMethod, type XmlRpcDescription } from './introspection.ts';
import { listenXmlRpc, type XmlRpcListener, type XmlRpcListenOptions } from './listen.ts';
import { readCall, writeFault, writeResponse } from './message.ts';
import type { XmlRpcValue } from './write-value.ts';
import { defaultLimits, type XmlRpcLimits } from './xml.ts';

/** The functions of a server by their names. A name may have dots: `'math.add'`. */
export type XmlRpcMethods = Record<string, (this: XmlRpcCaller, ...parameters: never[]) => unknown>;

/** Information about the methods, and the limits of calls. */
export interface XmlRpcServerOptions extends XmlRpcLimits {
  /** By method name. */
  descriptions?: Readonly<Record<string, XmlRpcDescription>>;
  /** Called if a method throws an error that is not a fault. Default: emits a process warning. */
  onError?(error: unknown, method: string): void;
}

/** A server before it listens. */
export interface XmlRpcServer {
  /** Answers the octets of one call. For your own HTTP server. */
  answer(call: Uint8Array, caller: XmlRpcCaller): Promise<string>;
  /** Serves calls over HTTPS, at the paths `/` and `/RPC2`. Without a certificate: HTTP, on loopback only. */
  listen(options: XmlRpcListenOptions): Promise<XmlRpcListener>;
}

/**
 * A server with these functions, and with `system.listMethods`, `methodHelp`, `methodSignature` and
 * `multicall`.
 * @example
 * const server = xmlrpcServer({ add: (a: number, b: number) => a + b });
 * const { port, close } = await server.listen({ port: 15000, ca, certificate, key, clientCertificate: 'require' });
 */
export function xmlrpcServer(methods: XmlRpcMethods, options: XmlRpcServerOptions = {}): XmlRpcServer {
  const limits = { ...defaultLimits, ...options };
  const answer = (octets: Uint8Array, caller: XmlRpcCaller) => {
    const invoke = createInvoke(methods, options, caller);
    return Promise.try(() => readCall(octets, limits))
      .then(({ method, parameters }) =>
        invoke(method, parameters).then((value) => written(value, method, options)),
      )
      .catch((error) => writeFault(faultOf(error)));
  };
  return { answer, listen: (listenOptions) => listenXmlRpc(answer, limits, listenOptions) };
}

function createInvoke(methods: XmlRpcMethods, options: XmlRpcServerOptions, caller: XmlRpcCaller) {
  const { descriptions = {} } = options;
  const all: XmlRpcMethods = {
    ...introspection({ names: Object.keys(methods), descriptions, invoke: (...call) => invoke(...call) }),
    ...methods,
  };
  const invoke = async (name: string, parameters: readonly XmlRpcValue[]): Promise<unknown> => {
    const method = Object.hasOwn(all, name) ? all[name] : undefined;
    if (method === undefined) throw unknownMethod(name);
    try {
      return await method.apply(caller, parameters as never[]);
    } catch (error) {
      throw error instanceof XmlRpcFault ? error : failed(error, name, options);
    }
  };
  return invoke;
}

function written(value: unknown, method: string, options: XmlRpcServerOptions): string {
  try {
    return writeResponse(value);
  } catch (error) {
    throw failed(error, method, options);
  }
}

/** The caller must not get the cause. */
function failed(error: unknown, method: string, { onError = warn }: XmlRpcServerOptions): XmlRpcFault {
  onError(error, method);
  return new XmlRpcFault(faultCodes.application, `The method ${method} failed: see the log of the server.`);
}

function warn(error: unknown, method: string): void {
  process.emitWarning(`The XML-RPC method ${method} failed: ${error}`);
}

function faultOf(error: unknown): XmlRpcFault {
  if (error instanceof XmlRpcFault) return error;
  if (!(error instanceof XmlRpcError)) throw error;
  const code = error.isNotXml ? faultCodes.notWellFormed : faultCodes.notXmlRpc;
  return new XmlRpcFault(code, error.message);
}
