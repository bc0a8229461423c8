"""SIP004 packets of aes-128-gcm made and read here, for tests that speak to ss-server without ss-local."""
import ctypes
import ctypes.util
import hashlib
import hmac
import os

METHOD = "aes-128-gcm"
KEY, SALT, TAG = 16, 16, 16
SET_TAG, GET_TAG = 0x11, 0x10  # EVP_CTRL_AEAD_*
_NONCE = bytes(12)


def missing():
    """Why packets cannot be made here, or an empty string."""
    return "" if ctypes.util.find_library("crypto") else "libcrypto is not installed"


def _library():
    library = ctypes.CDLL(ctypes.util.find_library("crypto"))
    for name in ("EVP_CIPHER_CTX_new", "EVP_aes_128_gcm"):
        getattr(library, name).restype = ctypes.c_void_p
    return library


class Sealer:
    """Seals and opens packets under one password."""

    def __init__(self, password):
        self.key = self._key_of(password.encode())
        self.library = _library()
        self.context = ctypes.c_void_p(self.library.EVP_CIPHER_CTX_new())
        self.cipher = ctypes.c_void_p(self.library.EVP_aes_128_gcm())

    @staticmethod
    def _key_of(password):
        return hashlib.md5(password).digest()[:KEY]  # EVP_BytesToKey: one round is as long as this key

    def _subkey(self, salt):
        extracted = hmac.new(salt, self.key, hashlib.sha1).digest()
        return hmac.new(extracted, b"ss-subkey\x01", hashlib.sha1).digest()[:KEY]

    def _run(self, seals, key, data, tag=None):
        """The other text, and the tag where it is sealed; None where a tag does not verify."""
        out, length = ctypes.create_string_buffer(len(data) + TAG), ctypes.c_int()
        library, context = self.library, self.context
        library.EVP_CipherInit_ex(context, self.cipher, None, key, _NONCE, int(seals))
        library.EVP_CipherUpdate(context, out, ctypes.byref(length), data, len(data))
        if not seals:
            library.EVP_CIPHER_CTX_ctrl(context, SET_TAG, TAG, tag)
        if library.EVP_CipherFinal_ex(context, None, ctypes.byref(length)) != 1:
            return None
        result = out.raw[:len(data)]
        if seals:
            library.EVP_CIPHER_CTX_ctrl(context, GET_TAG, TAG, out)
            result += out.raw[:TAG]
        return result

    def seal(self, addressed):
        """A packet of an address in front of a payload."""
        salt = os.urandom(SALT)
        return salt + self._run(True, self._subkey(salt), addressed)

    def open(self, packet):
        """Address and payload; ValueError where the packet does not authenticate."""
        plain = self._run(False, self._subkey(packet[:SALT]), packet[SALT:-TAG], packet[-TAG:])
        if plain is None:
            raise ValueError("the packet does not authenticate")
        return plain
