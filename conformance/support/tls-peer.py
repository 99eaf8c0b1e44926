"""TLS with certificates on both sides, as Python's ssl does it: a client, and a server that goes on after a bad client.

    tls-peer.py client PORT CAFILE [CERTFILE KEYFILE]    one HTTP request; prints its status line
    tls-peer.py server CAFILE CERTFILE KEYFILE           prints its port, then a line for each client
"""

import socket
import ssl
import sys


def client(port, ca, *identity):
    context = ssl.create_default_context(cafile=ca)
    if identity:
        context.load_cert_chain(*identity)
    with socket.create_connection(("127.0.0.1", int(port)), timeout=10) as raw:
        with context.wrap_socket(raw, server_hostname="localhost") as tls:
            tls.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            answer = tls.recv(4096)
    if not answer:
        raise ssl.SSLEOFError("the server closed the connection without an answer")
    print(answer.split(b"\r\n")[0].decode())


def server(ca, *identity):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=ca)
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_cert_chain(*identity)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        print(f"port {listening.getsockname()[1]}", flush=True)
        while True:
            raw, _ = listening.accept()
            try:
                with context.wrap_socket(raw, server_side=True) as tls:
                    tls.recv(4096)
                    name = dict(pair[0] for pair in tls.getpeercert()["subject"])["commonName"]
                    tls.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello")
                    print(f"served {name}", flush=True)
            except (ssl.SSLError, OSError) as error:
                print(f"refused {error}", flush=True)


{"client": client, "server": server}[sys.argv[1]](*sys.argv[2:])
