"""The encrypted endpoint of the seeds in Tornado, with the key exchange and the Fernet of pyca cryptography.

Usage: python3 http-tornado.py PORT
"""

import base64
import json
import logging
import sys
import uuid

import tornado.ioloop
import tornado.web
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

private_keys = {}
shared_secrets = {}


class EncryptedHandler(tornado.web.RequestHandler):
    def get(self):
        private_key = X25519PrivateKey.generate()
        client_id = str(uuid.uuid4())
        private_keys[client_id] = private_key
        pub = private_key.public_key().public_bytes(
            encoding=serialization.Encoding.PEM,
            format=serialization.PublicFormat.SubjectPublicKeyInfo,
        )
        self.write({"client_id": client_id, "pub": pub.decode("utf-8")})

    def post(self):
        data = json.loads(self.request.body)
        client_id = data.get("client_id")
        if client_id not in private_keys:
            self.refuse("Missing or unknown client_id")
        elif "pub_key" in data:
            client_key = serialization.load_pem_public_key(data["pub_key"].encode("utf-8"))
            secret = private_keys[client_id].exchange(client_key)
            shared_secrets[client_id] = base64.urlsafe_b64encode(secret)
            self.write({"message": "Shared secret successfully calculated"})
        elif "cipher_text" in data:
            try:
                Fernet(shared_secrets[client_id]).decrypt(data["cipher_text"].encode("utf-8"))
            except Exception:
                logging.exception("Bad request")
                self.refuse("Bad request")
            else:
                self.write({"message": "Successfully Decrypted Data"})
        else:
            self.refuse("Bad request. Expected cipher_text or pub_key")

    def refuse(self, error):
        self.set_status(400)
        self.write({"error": error})


if __name__ == "__main__":
    tornado.web.Application([(r"/encrypted/", EncryptedHandler)]).listen(int(sys.argv[1]), "127.0.0.1")
    tornado.ioloop.IOLoop.current().start()
