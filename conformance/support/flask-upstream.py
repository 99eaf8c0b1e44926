"""An API as others write them, in Flask, that knows nothing of security but how to verify Gatehouse-Assertion.

Usage: python3 flask-upstream.py DATA_FOLDER, of the Gatehouse in front of it. Says on which port it listens.
"""

import base64
import hashlib
import json
import ssl
import sys
import threading
import time
import urllib.request

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils
from flask import Flask, Response, jsonify, redirect, request
from werkzeug.serving import make_server

data = sys.argv[1]
app = Flask(__name__)
acknowledged = threading.Semaphore(0)
EVENTS = 5


def decode(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def key_set():
    control = json.load(open(data + "/control.json"))["control"]
    context = ssl.create_default_context(cafile=data + "/root.pem")
    with urllib.request.urlopen(control + "/.well-known/gatehouse-assertion-jwks.json", context=context) as answer:
        return control, {key["kid"]: key for key in json.load(answer)["keys"]}


def verified(token):
    """The claims of an assertion that is genuine, for us, and of now (RFC 7515, RFC 7518 section 3.4); raises otherwise."""
    control, keys = key_set()
    head, payload, signature = token.split(".")
    header = json.loads(decode(head))
    assert header["alg"] == "ES256" and header["typ"] == "gatehouse-assertion+jwt", header
    key = keys[header["kid"]]
    assert key["kty"] == "EC" and key["crv"] == "P-256" and "d" not in key, key.keys()
    x, y = (int.from_bytes(decode(key[name]), "big") for name in ("x", "y"))
    public_key = ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
    raw = decode(signature)
    assert len(raw) == 64, len(raw)
    der = utils.encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    public_key.verify(der, (head + "." + payload).encode("ascii"), ec.ECDSA(hashes.SHA256()))
    claims = json.loads(decode(payload))
    assert claims["iss"] == control and claims["aud"] == origin, claims
    assert claims["iat"] <= time.time() + 5 and claims["exp"] > time.time(), claims
    return claims


@app.get("/who")
def who():
    return jsonify(verified(request.headers["Gatehouse-Assertion"]))


@app.get("/echo")
def echo():
    # As WSGI sees them: a name with an underscore would be taken for the one with a hyphen.
    environ = {name: value for name, value in request.environ.items() if name.startswith("HTTP_")}
    return jsonify(environ=environ, names=sorted(name.lower() for name, _ in request.headers))


@app.put("/upload")
def upload():
    digest = hashlib.sha256()
    length = 0
    while chunk := request.stream.read(65536):
        digest.update(chunk)
        length += len(chunk)
    return jsonify(sha256=digest.hexdigest(), length=length)


@app.get("/events")
def events():
    def stream():
        for number in range(1, EVENTS + 1):
            yield f"id: {number}\ndata: event {number}\n\n"
            # Nothing more comes until the reader says that it has this one.
            if not acknowledged.acquire(timeout=10):
                return

    return Response(stream(), mimetype="text/event-stream")


@app.post("/events/acknowledged")
def acknowledge():
    acknowledged.release()
    return "", 204


@app.get("/redirect/<kind>")
def redirected(kind):
    return redirect({"path": "/target", "absolute": origin + "/target", "elsewhere": "http://example.test/"}[kind])


@app.get("/target")
def target():
    return "reached the target\n"


@app.delete("/thing")
def delete():
    return "", 204


server = make_server("127.0.0.1", 0, app, threaded=True)
origin = f"http://127.0.0.1:{server.server_port}"
print("listening on", server.server_port, flush=True)
server.serve_forever()
