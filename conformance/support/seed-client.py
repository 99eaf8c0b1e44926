"""What a notebook of Python clients does, cell by cell, against any server that offers the samples, secured or not.

Usage: python3 seed-client.py URL [ROOT_PEM KEY_FILE]; with the latter two it trusts that root and sends that API key.
Prints one JSON object: what the cells show.
"""

import base64
import json
import sys

import requests
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

url = sys.argv[1]
secured = len(sys.argv) > 2
options = {"verify": sys.argv[2], "headers": {"X-API-Key": open(sys.argv[3]).read().strip()}} if secured else {}
output = {}

# 2 to 5
r = requests.get(url, **options)
output["repr"] = repr(r)
output["status"] = r.status_code
output["text"] = r.text
output["content is text"] = r.content == r.text.encode("utf-8")

# 6 to 10
r = requests.get(url, stream=True, **options)
output["raw type"] = type(r.raw).__module__ + "." + type(r.raw).__name__
output["raw length"] = len(r.raw.read())
output["headers"] = {name.lower(): value for name, value in r.headers.items()}
output["encoding"] = r.encoding
output["url"] = r.url

# 11
r = requests.get(url, **options)
output["json"] = r.json()

# 12 to 17
r = requests.get(url + "/encrypted/", **options)
client_id = r.json()["client_id"]
plain_text = "I have a dream"
output["refusals"] = []
for body in (
    {"plain_text": plain_text},
    {"plain_text": plain_text, "client_id": client_id},
    {"cipher_text": plain_text, "client_id": client_id},
):
    r = requests.post(url + "/encrypted/", json=body, **options)
    output["refusals"].append([r.status_code, r.text])

# 18 to 25
r = requests.get(url + "/encrypted/", **options)
client_id = r.json()["client_id"]
private_key = X25519PrivateKey.generate()
pem = private_key.public_key().public_bytes(
    serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
)
shared_key = private_key.exchange(serialization.load_pem_public_key(r.json()["pub"].encode("ascii")))
r = requests.post(
    url + "/encrypted/", json={"pub_key": pem.decode("utf-8"), "uid": 1, "client_id": client_id}, **options
)
output["exchange"] = [r.status_code, r.text]

# 26 to 28
cipher_text = Fernet(base64.urlsafe_b64encode(shared_key)).encrypt(plain_text.encode("utf-8"))
r = requests.post(
    url + "/encrypted/", json={"cipher_text": cipher_text.decode("utf-8"), "client_id": client_id}, **options
)
output["message"] = [r.status_code, r.text]

print(json.dumps(output))
