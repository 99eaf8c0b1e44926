"""XML-RPC over TLS with required client certificates, with Python's own modules: the client and the server."""
import datetime, ssl, sys
from xmlrpc.client import Binary, DateTime, Fault, MultiCall, ServerProxy
from xmlrpc.server import SimpleXMLRPCServer

role, port, ca, certificate, key = sys.argv[1:6]


def client():
    context = ssl.create_default_context(cafile=ca)
    if certificate:
        context.load_cert_chain(certificate, key)
    server = ServerProxy(f'https://localhost:{port}/RPC2', context=context, allow_none=True, use_builtin_types=True)
    value = {'n': [1, -2, 2.5], 's': 'ä <&>', 'b': b'\x00\xff', 'none': None, 'yes': True,
             'when': datetime.datetime(2025, 4, 21, 20, 50, 37)}
    try:
        assert server.echo(value) == value, server.echo(value)
    except OSError as error:
        print('failed:', error)
        return
    assert server.add(2, 3) == 5
    assert server.large() == 1 << 40
    assert server.whoami() == 'robot'
    assert 'add' in server.system.listMethods()
    assert server.system.methodHelp('add') == 'Adds two numbers.'
    assert server.system.methodSignature('add') == [['int', 'int', 'int']]
    calls = MultiCall(server)
    calls.add(1, 2)
    calls.add(3, 4)
    assert tuple(calls()) == (3, 7)
    for name, code in (('refuse', 42), ('nothing', -32601), ('fail', -32500)):
        try:
            getattr(server, name)()
            raise AssertionError(name)
        except Fault as fault:
            assert fault.faultCode == code, fault
            assert 'secret' not in fault.faultString
    print('all as expected')


class Server(SimpleXMLRPCServer):
    def get_request(self):
        client, address = super().get_request()
        return context.wrap_socket(client, server_side=True), address

    def handle_error(self, request, client_address):
        pass


if role == 'client':
    client()
else:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=ca)
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_cert_chain(certificate, key)
    server = Server(('127.0.0.1', 0), allow_none=True, logRequests=False, use_builtin_types=True)
    server.register_introspection_functions()
    server.register_multicall_functions()
    server.register_function(lambda a, b: a + b, 'add')
    server.register_function(lambda value: value, 'echo')
    print(server.server_address[1], flush=True)
    server.serve_forever()
