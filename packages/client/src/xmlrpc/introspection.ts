// The methods about methods (`system.listMethods` and others), and several calls in one (`system.multicall`).
import { faultCodes, XmlRpcFault } from './errors.ts';
import type { XmlRpcValue } from './write-value.ts';

/** What `system.methodHelp` and `system.methodSignature` answer about a method. */
export interface XmlRpcDescription {
  /** A sentence for people. */
  help?: string;
  /**
   * Each begins with the type of the result, then come those of the parameters: `[['int', 'int', 'int']]`.
   */
  signatures?: readonly (readonly string[])[];
}

/** Calls a method, as one of the calls of `system.multicall`. */
export type Invoke = (method: string, parameters: readonly XmlRpcValue[]) => Promise<unknown>;

export interface IntrospectionOptions {
  names: readonly string[];
  descriptions: Readonly<Record<string, XmlRpcDescription>>;
  invoke: Invoke;
}

export function introspection({ names, descriptions, invoke }: IntrospectionOptions) {
  const describe = (name: unknown) => {
    if (!all.includes(String(name))) throw unknownMethod(String(name));
    return Object.hasOwn(descriptions, String(name)) ? descriptions[String(name)] : undefined;
  };
  const methods = {
    'system.listMethods': () => all,
    'system.methodHelp': (name: unknown) => describe(name)?.help ?? '',
    // If there are none, implementations answer with a string, not an array.
    'system.methodSignature': (name: unknown) => describe(name)?.signatures ?? 'undef',
    'system.multicall': (calls: unknown) => multicall(calls, invoke),
  };
  const all = [...names, ...Object.keys(methods)].sort();
  return methods;
}

export function unknownMethod(name: string): XmlRpcFault {
  return new XmlRpcFault(faultCodes.unknownMethod, `There is no method ${name}: see system.listMethods.`);
}

/** Runs them one after the other, like single calls. */
async function multicall(calls: unknown, invoke: Invoke): Promise<unknown[]> {
  if (!Array.isArray(calls)) throw invalid('system.multicall takes an array of calls.');
  const results: unknown[] = [];
  for (const call of calls) results.push(await outcomeOf(call, invoke));
  return results;
}

async function outcomeOf(call: unknown, invoke: Invoke): Promise<unknown> {
  try {
    const { methodName, params } = requireCall(call);
    return [await invoke(methodName, params)];
  } catch (error) {
    if (!(error instanceof XmlRpcFault)) throw error;
    return { faultCode: error.faultCode, faultString: error.faultString };
  }
}

function requireCall(call: unknown): { methodName: string; params: XmlRpcValue[] } {
  const { methodName, params } = (call ?? {}) as { methodName?: unknown; params?: unknown };
  if (typeof methodName !== 'string' || !Array.isArray(params)) {
    throw invalid('Each call needs methodName and params.');
  }
  if (methodName === 'system.multicall') throw invalid('system.multicall does not call itself.');
  return { methodName, params };
}

function invalid(message: string): XmlRpcFault {
  return new XmlRpcFault(faultCodes.notXmlRpc, message);
}
