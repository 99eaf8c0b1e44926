"""One round of a client that is not of Node: `others_process.py CONTENDER json|stream|file URL ROOT-FILE SECONDS FOLDER`.

Prints the figures as one line of JSON, as node-process.ts does. A wrong answer ends it.
"""

import concurrent.futures
import json
import os
import resource
import subprocess
import sys
import time

CONTENDER, WORK, URL, ROOT, SECONDS, FOLDER = sys.argv[1:]
TOKEN, CONCURRENCY, SIZE = os.environ["TOKEN"], int(os.environ["CONCURRENCY"]), int(os.environ["SIZE"])
PIECE = 1 << 20
# Many transfers of one process of curl, so that its start and its handshakes count as little as those of the others.
BATCH = 10_000 if WORK == "json" else 8


def cpu_seconds():
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def with_requests():
    import requests

    sessions = [requests.Session() for _ in range(CONCURRENCY)]
    for session in sessions:
        session.trust_env = False  # otherwise the environment takes precedence over `verify`
        session.verify = ROOT
        session.headers["authorization"] = f"Bearer {TOKEN}"

    def call(index):
        if WORK == "json":
            assert sessions[index].get(URL).json()["ok"] is True
            return
        with sessions[index].get(URL, stream=True) as answer:
            pieces = answer.iter_content(PIECE)
            if WORK == "stream":
                assert sum(len(piece) for piece in pieces) == SIZE
                return
            with open(f"{FOLDER}/{index}", "wb") as file:
                for piece in pieces:
                    file.write(piece)
            assert os.path.getsize(f"{FOLDER}/{index}") == SIZE

    def run(end):
        def worker(index):
            done = 0
            while time.monotonic() < end:
                call(index)
                done += 1
            return done

        with concurrent.futures.ThreadPoolExecutor(CONCURRENCY) as pool:
            return sum(pool.map(worker, range(CONCURRENCY)))

    return run


def with_curl():
    target = f"{FOLDER}/#1" if WORK == "file" else "/dev/null"
    command = [
        "curl", "--silent", "--fail", "--http1.1", "--no-progress-meter", "--cacert", ROOT,
        "--header", f"authorization: Bearer {TOKEN}", "--parallel", "--parallel-max", str(CONCURRENCY),
        "--output", target, f"{URL}?[1-{BATCH}]",
    ]  # fmt: skip

    def run(end):
        done = 0
        while time.monotonic() < end:
            subprocess.run(command, check=True)
            done += BATCH
        if WORK == "file":
            assert os.path.getsize(f"{FOLDER}/{BATCH}") == SIZE
        return done

    return run


run = {"Python requests": with_requests, "curl --parallel": with_curl}[CONTENDER]()
if CONTENDER == "Python requests":
    run(time.monotonic() + float(os.environ["WARM_UP"]))
before, begin = cpu_seconds(), time.monotonic()
done = run(begin + float(SECONDS))
print(json.dumps({
    "perCpuSecond": done / (cpu_seconds() - before),
    "perSecond": done / (time.monotonic() - begin),
}))
