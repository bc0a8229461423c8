"""The eight methods, and secrets of the right form for each."""
import base64
import os

SIP004 = ("aes-128-gcm", "aes-192-gcm", "aes-256-gcm", "chacha20-ietf-poly1305", "xchacha20-ietf-poly1305")
SIP022 = ("2022-blake3-aes-128-gcm", "2022-blake3-aes-256-gcm", "2022-blake3-chacha20-poly1305")
METHODS = SIP004 + SIP022
EIH_METHODS = ("2022-blake3-aes-128-gcm", "2022-blake3-aes-256-gcm")  # identity headers are defined for AES alone


def key_bytes(method):
    return 16 if "aes-128" in method else 24 if "aes-192" in method else 32


def is_2022(method):
    return method.startswith("2022-")


def new_secret(method):
    """A fresh password: a base64 key of the exact length for 2022 methods, else 32 random characters."""
    return base64.b64encode(os.urandom(key_bytes(method) if is_2022(method) else 24)).decode()
