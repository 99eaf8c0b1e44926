"""TLS sockets of Python's ssl, as in many programs: a client that echoes once, and a server that does."""
import socket, ssl, sys

role, port, ca, certificate, key = sys.argv[1:6]
if role == 'client':
    context = ssl.create_default_context(cafile=ca)
    if certificate:
        context.load_cert_chain(certificate, key)
    try:
        with context.wrap_socket(socket.create_connection(('localhost', int(port))), server_hostname='localhost') as peer:
            peer.sendall(b'from python')
            print(peer.recv(100).decode() or 'closed', flush=True)
    except OSError as error:
        print('failed:', error, flush=True)
else:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=ca)
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_cert_chain(certificate, key)
    listener = socket.create_server(('127.0.0.1', 0))
    print(listener.getsockname()[1], flush=True)
    while True:
        client, _ = listener.accept()
        try:
            with context.wrap_socket(client, server_side=True) as peer:
                name = dict(pair for rdn in peer.getpeercert()['subject'] for pair in rdn)['commonName']
                peer.sendall(f'{name}: '.encode() + peer.recv(100))
        except OSError as error:
            print('Failed:', error, flush=True)
