# The same for Python's cryptography: `fernet-process.py OCTETS SECONDS`.
import base64
import json
import os
import sys
import time

from cryptography.fernet import Fernet

octets, seconds = int(sys.argv[1]), float(sys.argv[2])
message = base64.urlsafe_b64encode(os.urandom(octets))[:octets]
batch = -(-100_000 // octets)
fernet = Fernet(Fernet.generate_key())


def per_cpu_second(at_least):
    before, count = time.process_time(), 0
    while time.process_time() - before < at_least:
        for _ in range(batch):
            if fernet.decrypt(fernet.encrypt(message), ttl=60) != message:
                raise ValueError("the message is not the same")
        count += batch
    return count / (time.process_time() - before)


per_cpu_second(0.5)
print(json.dumps({"perCpuSecond": per_cpu_second(seconds)}))
