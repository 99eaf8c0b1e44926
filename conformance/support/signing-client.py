# A client that signs its requests by hand with pyca/cryptography, and verifies the answers, as RFC 9421 says. It
# knows nothing of Gatehouse but the rules of docs/wire/message-signatures.md.
# Arguments: KEY-FILE KEYID ROOT-FILE URL KEY-SET-URL. Prints a line of JSON for each exchange.
import base64, hashlib, http.client, json, re, secrets, ssl, sys, time, urllib.parse

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, utils

key_file, keyid, root, url, key_set_url = sys.argv[1:]
with open(key_file, "rb") as file:
    key = serialization.load_pem_private_key(file.read(), None)
context = ssl.create_default_context(cafile=root)


def exchange(method, address, headers, body=None):
    parts = urllib.parse.urlsplit(address)
    connection = http.client.HTTPSConnection(parts.hostname, parts.port, context=context)
    target = parts.path + ("?" + parts.query if parts.query else "")
    connection.request(method, target, body or None, headers)
    answer = connection.getresponse()
    return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()


def digest(body):
    return "sha-256=:" + base64.b64encode(hashlib.sha256(body).digest()).decode() + ":"


def sign_octets(data):
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return key.sign(data)
    if isinstance(key, ec.EllipticCurvePrivateKey):
        r, s = utils.decode_dss_signature(key.sign(data, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")
    return key.sign(data, padding.PSS(padding.MGF1(hashes.SHA512()), 64), hashes.SHA512())


def components_of(method, address):
    parts = urllib.parse.urlsplit(address)
    return {
        "@method": method,
        "@authority": parts.netloc.lower(),
        "@path": parts.path,
        "@query": "?" + parts.query,
    }


def signed(method, address, body):
    # None: without a body and without a digest, as libraries sign that add no digest of their own.
    values = {**components_of(method, address), **({} if body is None else {"content-digest": digest(body)})}
    names = " ".join('"%s"' % name for name in values)
    params = '(%s);created=%d;keyid="%s";nonce="%s"' % (names, int(time.time()), keyid, secrets.token_urlsafe(16))
    lines = ['"%s": %s' % item for item in values.items()] + ['"@signature-params": ' + params]
    signature = base64.b64encode(sign_octets("\n".join(lines).encode())).decode()
    return {
        **({} if body is None else {"Content-Digest": digest(body)}),
        "Signature-Input": "sig1=" + params,
        "Signature": "sig1=:%s:" % signature,
    }


def verified(method, address, sent, status, fields, body):
    label, params = re.fullmatch(r"([a-z0-9]+)=(\(.*)", fields["signature-input"]).groups()
    signature = base64.b64decode(re.fullmatch(label + "=:(.*):", fields["signature"])[1])
    lines = []
    for text, name, req in re.findall(r'("([^"]+)"(;req)?)', params[: params.index(")")]):
        if req:
            source = {**components_of(method, address), **{key.lower(): value for key, value in sent.items()}}
        else:
            source = {"@status": str(status), **fields}
        lines.append("%s: %s" % (text, source[name]))
    lines.append('"@signature-params": ' + params)
    kid = re.search(r';keyid="([^"]+)"', params)[1]
    jwk = next(jwk for jwk in json.loads(exchange("GET", key_set_url, {})[2])["keys"] if jwk["kid"] == kid)
    x, y = (int.from_bytes(base64.urlsafe_b64decode(jwk[name] + "=="), "big") for name in ("x", "y"))
    public = ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    public.verify(utils.encode_dss_signature(r, s), "\n".join(lines).encode(), ec.ECDSA(hashes.SHA256()))
    assert fields["content-digest"] == digest(body)
    return [text for text, _, _ in re.findall(r'("([^"]+)"(;req)?)', params[: params.index(")")])]


for method, address, body in [("GET", url + "?q=1", b""), ("GET", url, None), ("POST", url, b'{"text": "hello"}')]:
    headers = signed(method, address, body)
    status, fields, content = exchange(method, address, headers, body)
    covered = verified(method, address, headers, status, fields, content)
    again = exchange(method, address, headers, body)[0]
    altered = exchange(method, address, signed(method, address, body), body + b" ")[0] if body else None
    print(json.dumps({"status": status, "covered": covered, "again": again, "altered": altered}))
