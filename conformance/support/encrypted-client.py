"""A client of an encrypted endpoint, and an attacker, with requests and cryptography. Every request has a connection
of its own, so behind a gateway they reach different workers.

Usage: python3 encrypted-client.py URL ROOT_PEM [KEY_FILE]. Prints one JSON object: what each attempt was answered.
"""

import base64
import json
import random
import sys
import time

import requests
from cryptography import x509
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

url, root_file = sys.argv[1:3]
headers = {"X-API-Key": open(sys.argv[3]).read().strip()} if len(sys.argv) > 3 else {}
output = {}


def get():
    return requests.get(url, headers=headers, verify=root_file)


def post(**body):
    r = requests.post(url, json=body, headers=headers, verify=root_file)
    return [r.status_code, r.text]


def pem_of(key):
    return key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    ).decode()


def session():
    offer = get().json()
    key = X25519PrivateKey.generate()
    exchange = post(pub_key=pem_of(key), uid=1, client_id=offer["client_id"])
    secret = key.exchange(serialization.load_pem_public_key(offer["pub"].encode()))
    return offer["client_id"], key, Fernet(base64.urlsafe_b64encode(secret)), exchange


def send(client_id, token):
    return post(cipher_text=token.decode(), client_id=client_id)


# The signature, as anyone verifies it with the certificate of the answer.
offer = get().json()
signer, issuer = x509.load_pem_x509_certificates(offer["chain"].encode())
root = x509.load_pem_x509_certificates(open(root_file, "rb").read())[0]
message = "gatehouse-channel-key-v1\n%s\n%s\n%s" % (offer["client_id"], offer["pub"], offer["expires"])
signer.public_key().verify(
    base64.urlsafe_b64decode(offer["signature"]), message.encode(), ec.ECDSA(hashes.SHA256())
)
for certificate, authority in ((signer, issuer), (issuer, root)):
    authority.public_key().verify(
        certificate.signature, certificate.tbs_certificate_bytes, ec.ECDSA(certificate.signature_hash_algorithm)
    )
spki = signer.public_key().public_bytes(
    serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
)
digest = hashes.Hash(hashes.SHA256())
digest.update(spki)
output["fingerprint"] = offer["fingerprint"]
output["computed"] = "sha256/" + base64.b64encode(digest.finalize()).decode()
output["keys"] = sorted(offer)

# An exchange, messages and their answers.
client_id, key, fernet, output["exchange"] = session()
output["same key"] = post(pub_key=pem_of(key), uid=1, client_id=client_id)
output["other key"] = post(pub_key=pem_of(X25519PrivateKey.generate()), uid=1, client_id=client_id)
token = fernet.encrypt(b"first")
first = send(client_id, token)
output["message"] = [first[0], json.loads(first[1])["message"]]
reply = json.loads(first[1]).get("cipher_text")
output["reply"] = reply and fernet.decrypt(reply.encode()).decode()
output["replay"] = send(client_id, token)
now = int(time.time())
output["old"] = send(client_id, fernet.encrypt_at_time(b"old", now - 75))
output["new"] = send(client_id, fernet.encrypt_at_time(b"new", now + 75))
output["a little old"] = send(client_id, fernet.encrypt_at_time(b"a little old", now - 40))[0]
output["a little new"] = send(client_id, fernet.encrypt_at_time(b"a little new", now + 40))[0]

# Another session, and what belongs to the first.
other_id, _, other_fernet, _ = session()
output["splice"] = send(other_id, fernet.encrypt(b"splice"))
output["before the key"] = send(get().json()["client_id"], fernet.encrypt(b"early"))

# Points of small order, a private key, and another algorithm.
LOW_ORDER = [
    "00" * 32,
    "01" + "00" * 31,
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    "ec" + "ff" * 30 + "7f",
    "ed" + "ff" * 30 + "7f",
    "ee" + "ff" * 30 + "7f",
]
victim = get().json()["client_id"]
bad_keys = []
for point in LOW_ORDER:
    for top in (0, 0x80):
        raw = bytearray.fromhex(point)
        raw[31] |= top
        der = bytes.fromhex("302a300506032b656e032100") + bytes(raw)
        bad_keys.append(
            "-----BEGIN PUBLIC KEY-----\n%s\n-----END PUBLIC KEY-----\n" % base64.b64encode(der).decode()
        )
bad_keys.append(
    key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
)
bad_keys.append(pem_of(ec.generate_private_key(ec.SECP256R1())))
bad_keys.append(pem_of(key) * 2)
output["bad keys"] = [post(pub_key=pem, uid=1, client_id=victim) for pem in bad_keys]

# Mutated tokens, on one connection.
rng = random.Random(14)
fresh = bytearray(base64.urlsafe_b64decode(fernet.encrypt(b"x" * 40)))
answers = set()
with requests.Session() as connection:
    for index in range(1000):
        mutant = bytearray(fresh)
        mutant[rng.randrange(len(mutant))] ^= 1 << rng.randrange(8)
        if index % 5 == 0:
            mutant = mutant[: rng.randrange(len(mutant))]
        text = base64.urlsafe_b64encode(bytes(mutant)).decode()
        r = connection.post(
            url, json={"cipher_text": text, "client_id": client_id}, headers=headers, verify=root_file
        )
        answers.add((r.status_code, r.text))
output["mutants"] = sorted(answers)
output["afterwards"] = send(client_id, fernet.encrypt(b"last"))[0]
output["other session"] = send(other_id, other_fernet.encrypt(b"other"))[0]
print(json.dumps(output))
