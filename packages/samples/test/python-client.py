"""Does to a running server what a notebook of Python clients does, with requests and cryptography, and checks every answer.

Usage: python3 python-client.py http://127.0.0.1:8080
"""

import base64
import hashlib
import re
import sys
import uuid

import requests
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

url = sys.argv[1]
plain_text = "I have a dream"
CTIME = r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z]{2} [ 123]\d \d\d:\d\d:\d\d \d{4}"


def check(condition, what):
    if not condition:
        sys.exit(f"failed: {what}")


def refused(body, error):
    r = requests.post(url + "/encrypted/", json=body)
    check(r.status_code == 400, f"status of {error}")
    check(r.text == '{"error": "%s"}' % error, f"text of {error}: {r.text}")


# The time: as text, bytes, raw stream, headers and JSON.
r = requests.get(url)
check(r.status_code == 200, "status of /")
check(re.fullmatch(r'\{"message": "The current time is %s"\}' % CTIME, r.text), f"text of /: {r.text}")
check(r.content == r.text.encode(), "bytes of /")
check(r.headers["Etag"] == '"%s"' % hashlib.sha1(r.content).hexdigest(), "entity tag")
check(r.headers["Content-Length"] == "59" and "Date" in r.headers, "headers of /")
check(r.encoding == "UTF-8", f"encoding of /: {r.encoding}")
check(r.url == url + "/", "URL of /")
check(set(r.json()) == {"message"}, "JSON of /")
r = requests.get(url, stream=True)
check(len(r.raw.read()) == 59, "raw stream of /")

# The three bad requests.
r = requests.get(url + "/encrypted/")
check(r.status_code == 200, "status of /encrypted/")
check(set(r.json()) == {"client_id", "pub"}, "keys of /encrypted/")
client_id = r.json()["client_id"]
check(uuid.UUID(client_id).version == 4, "version of the client id")
refused({"plain_text": plain_text}, "Missing or unknown client_id")
refused({"plain_text": plain_text, "client_id": client_id}, "Bad request. Expected cipher_text or pub_key")
refused({"cipher_text": plain_text, "client_id": client_id}, "Bad request")

# The exchange, and a message under its key.
r = requests.get(url + "/encrypted/")
client_id = r.json()["client_id"]
pub_key_text = r.json()["pub"]
check(r.text == '{"client_id": "%s", "pub": "%s"}' % (client_id, pub_key_text.replace("\n", "\\n")), "bytes of the offer")
private_key_for_client = X25519PrivateKey.generate()
client_public_pem = private_key_for_client.public_key().public_bytes(
    encoding=serialization.Encoding.PEM,
    format=serialization.PublicFormat.SubjectPublicKeyInfo,
)
server_pub_key = serialization.load_pem_public_key(pub_key_text.encode("ascii"))
shared_key = private_key_for_client.exchange(server_pub_key)
r = requests.post(
    url + "/encrypted/",
    json={"pub_key": client_public_pem.decode("utf-8"), "uid": 1, "client_id": client_id},
)
check(r.status_code == 200, "status of the exchange")
check(r.json() == {"message": "Shared secret successfully calculated"}, "answer to the exchange")
session_cipher = Fernet(base64.urlsafe_b64encode(shared_key))
cipher_text = session_cipher.encrypt(plain_text.encode("utf-8"))
r = requests.post(url + "/encrypted/", json={"cipher_text": cipher_text.decode("utf-8"), "client_id": client_id})
check(r.status_code == 200, "status of the message")
check(r.text == '{"message": "Successfully Decrypted Data"}', "text of the answer to the message")
print("ok")
