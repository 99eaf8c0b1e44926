# The same client in Python, with `requests` and `cryptography`.
import os
import sys

import requests
from cryptography.fernet import Fernet, InvalidToken

url = sys.argv[1] if len(sys.argv) > 1 else "http://localhost:8080/symmetric/"
cipher = Fernet(os.environ["SECRET_KEY"])

response = requests.get(url, timeout=10)
response.raise_for_status()
try:
    message = cipher.decrypt(response.content, ttl=60)
except InvalidToken:
    sys.exit("The server has another SECRET_KEY, or its clock is wrong.")
print(f"The codeword is: {message.decode()}")
print(requests.post(url, data=cipher.encrypt(b"I have it"), timeout=10).text)
