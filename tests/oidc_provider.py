"""A small OpenID Connect provider in a process of its own: authorisation code, signed id token, user info.

It lets everybody in at once, as whoever the argument names. Prints its address, then serves.
"""

import base64
import json
import secrets
import sys
import time
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT, SECRET = "utfall", "between us"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
USERNAME = sys.argv[1] if len(sys.argv) > 1 else ""
codes: dict[str, dict[str, str]] = {}  # what was asked for each code
tokens: set[str] = set()


class Provider(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        path, asked = urlsplit(self.path).path, _single(urlsplit(self.path).query)
        base = f"http://{self.headers['Host']}"
        match path:
            case "/.well-known/openid-configuration":
                self.answer(
                    {
                        "issuer": base,
                        "authorization_endpoint": f"{base}/authorize",
                        "token_endpoint": f"{base}/token",
                        "userinfo_endpoint": f"{base}/userinfo",
                        "jwks_uri": f"{base}/keys",
                        "token_endpoint_auth_methods_supported": ["client_secret_basic"],
                    }
                )
            case "/authorize" if asked["client_id"] == CLIENT and "openid" in asked["scope"].split():
                code = secrets.token_urlsafe()
                codes[code] = asked
                self.send_response(HTTPStatus.FOUND)
                there = urlencode({"code": code, "state": asked["state"]})
                self.send_header("Location", f"{asked['redirect_uri']}?{there}")
                self.end_headers()
            case "/userinfo" if self.headers["Authorization"].removeprefix("Bearer ") in tokens:
                self.answer({"sub": f"id of {USERNAME}", "preferred_username": USERNAME})
            case "/keys":
                key = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key()))
                self.answer({"keys": [key | {"kid": "1", "alg": "RS256", "use": "sig"}]})
            case _:
                self.send_error(HTTPStatus.BAD_REQUEST)

    def do_POST(self) -> None:
        posted = _single(self.rfile.read(int(self.headers["Content-Length"])).decode())
        expected = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        asked = codes.pop(posted.get("code", ""), None)
        is_right = (
            self.path == "/token"
            and self.headers["Authorization"] == f"Basic {expected}"
            and asked is not None
            and asked["redirect_uri"] == posted["redirect_uri"]
        )
        if not is_right:
            self.send_error(HTTPStatus.BAD_REQUEST)
            return
        token, now = secrets.token_urlsafe(), int(time.time())
        tokens.add(token)
        claims = {"iss": f"http://{self.headers['Host']}", "aud": CLIENT, "iat": now, "exp": now + 60}
        signed = jwt.encode(claims | {"sub": f"id of {USERNAME}"}, KEY, "RS256", headers={"kid": "1"})
        self.answer({"access_token": token, "token_type": "Bearer", "expires_in": 60, "id_token": signed})

    def answer(self, content: dict[str, object]) -> None:
        body = json.dumps(content).encode()
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_request(self, code: object = "-", size: object = "-") -> None:
        pass


def _single(query: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(query).items()}


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Provider)
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()
