"""An FTP server of pyftpdlib for tests, with one user and one folder. Prints its port.

With a file that has a certificate and its key, it demands TLS for everything.
"""
import logging, sys
from pyftpdlib.authorizers import DummyAuthorizer
from pyftpdlib.handlers import FTPHandler
from pyftpdlib.servers import FTPServer

logging.disable(logging.CRITICAL)
if len(sys.argv) > 2:
    from pyftpdlib.handlers import TLS_FTPHandler as FTPHandler

    FTPHandler.certfile = sys.argv[2]
    FTPHandler.tls_control_required = FTPHandler.tls_data_required = True
FTPHandler.auth_failed_timeout = 0
FTPHandler.authorizer = DummyAuthorizer()
FTPHandler.authorizer.add_user('robot', 's3cret:/', sys.argv[1], perm='elradfmwMT')
FTPHandler.authorizer.add_anonymous(sys.argv[1])
server = FTPServer(('127.0.0.1', 0), FTPHandler)
print(server.address[1], flush=True)
server.serve_forever()
