"""A site as others write them, in Flask: a login form and a private page, forms, uploads, redirects, problems.

Usage: python3 flask-site.py. Says on which port it listens.
"""

import hashlib
import json

from flask import Flask, Response, jsonify, redirect, request, session
from werkzeug.serving import make_server

app = Flask(__name__)
app.secret_key = "only for tests"


@app.post("/login")
def login():
    if request.form["username"] != "ada" or request.form["password"] != "correct-horse":
        return "wrong", 403
    session["user"] = request.form["username"]
    return redirect("/private")


@app.get("/private")
def private():
    return f"hello {session['user']}" if "user" in session else ("sign in first", 401)


@app.get("/query")
def query():
    return jsonify({name: request.args.getlist(name) for name in request.args})


@app.post("/upload")
def upload():
    file = request.files["file"]
    digest = hashlib.sha256(file.read()).hexdigest()
    return jsonify(title=request.form["title"], filename=file.filename, type=file.content_type, sha256=digest)


@app.get("/basic")
def basic():
    sent = request.authorization
    if sent is None or (sent.username, sent.password) != ("ada", "correct-horse"):
        return Response("no", 401, {"WWW-Authenticate": 'Basic realm="site"'})
    return "basic"


@app.get("/problem")
def problem():
    text = json.dumps({"title": "Gone", "detail": "the note was removed"})
    return Response(text, 410, content_type="application/problem+json")


@app.get("/events")
def events():
    return Response((f"id: {n}\ndata: event {n}\n\n" for n in range(3)), content_type="text/event-stream")


@app.get("/lines")
def lines():
    return Response((json.dumps({"n": n}) + "\n" for n in range(3)), content_type="application/x-ndjson")


server = make_server("127.0.0.1", 0, app, threaded=True)
print(f"listening on {server.port}", flush=True)
server.serve_forever()
