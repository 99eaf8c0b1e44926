// XML-RPC: what the entry `@gatehouse/client/xmlrpc` offers, client and server.

export type { XmlRpcCaller } from './caller.ts';
export {
  type XmlRpcIntrospection,
  type XmlRpcRemote,
  type XmlRpcTarget,
  type XmlRpcTransport,
  xmlrpc,
  xmlrpcCall,
} from './client.ts';
export { XmlRpcError, XmlRpcFault } from './errors.ts';
export type { XmlRpcDescription } from './introspection.ts';
export type { XmlRpcListener, XmlRpcListenOptions } from './listen.ts';
export { type XmlRpcMethods, type XmlRpcServer, type XmlRpcServerOptions, xmlrpcServer } from './server.ts';
export { type Double, type XmlRpcValue, xmlrpcDouble } from './write-value.ts';
export type { XmlRpcLimits } from './xml.ts';
