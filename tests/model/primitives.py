"""What the model seals with: libcrypto's AEADs and AES block, and BLAKE3 and HChaCha20 in a few lines of their own.

Nothing here is shared with the C++ code but libcrypto, which its OpenSSL back end uses too.
"""
import ctypes
import ctypes.util
import hashlib
import hmac
import struct
from functools import lru_cache

TAG = 16
_SET_TAG, _GET_TAG = 0x11, 0x10  # EVP_CTRL_AEAD_*
_MASK = 0xFFFFFFFF


def missing():
    """Why nothing can be sealed here, or an empty string."""
    return "" if ctypes.util.find_library("crypto") else "libcrypto is not installed"


class _Crypto:
    def __init__(self):
        self.library = ctypes.CDLL(ctypes.util.find_library("crypto"))
        self.contexts = {}

    def context(self, name):
        """A context of its own for each cipher, and the cipher."""
        if name not in self.contexts:
            for function in ("EVP_CIPHER_CTX_new", f"EVP_{name}"):
                getattr(self.library, function).restype = ctypes.c_void_p
            cipher = ctypes.c_void_p(getattr(self.library, f"EVP_{name}")())
            self.contexts[name] = ctypes.c_void_p(self.library.EVP_CIPHER_CTX_new()), cipher
        return self.contexts[name]

    def run(self, name, seals, key, nonce, data, tag=None):
        """The other text, with the tag behind it where it is sealed; None where a tag does not verify."""
        library, (context, cipher) = self.library, self.context(name)
        out, length = ctypes.create_string_buffer(len(data) + TAG), ctypes.c_int()
        library.EVP_CipherInit_ex(context, cipher, None, key, nonce, int(seals))
        if nonce is None:
            library.EVP_CIPHER_CTX_set_padding(context, 0)
        library.EVP_CipherUpdate(context, out, ctypes.byref(length), data, len(data))
        if nonce is None:
            return out.raw[:len(data)]
        if not seals:
            library.EVP_CIPHER_CTX_ctrl(context, _SET_TAG, TAG, tag)
        if library.EVP_CipherFinal_ex(context, None, ctypes.byref(length)) != 1:
            return None
        result = out.raw[:len(data)]
        if seals:
            library.EVP_CIPHER_CTX_ctrl(context, _GET_TAG, TAG, out)
            result += out.raw[:TAG]
        return result


_crypto = None


def _run(*arguments):
    global _crypto  # pylint: disable=global-statement
    if _crypto is None:
        _crypto = _Crypto()
    return _crypto.run(*arguments)


def _parts(cipher, key, nonce):
    if cipher == "xchacha20_poly1305":
        return "chacha20_poly1305", hchacha20(key, nonce[:16]), bytes(4) + nonce[16:]
    return cipher, key, nonce


def seal(cipher, key, nonce, text):
    name, key, nonce = _parts(cipher, key, nonce)
    return _run(name, True, key, nonce, text)


def open_sealed(cipher, key, nonce, sealed):
    """The text; None where the tag does not verify."""
    name, key, nonce = _parts(cipher, key, nonce)
    return _run(name, False, key, nonce, sealed[:-TAG], sealed[-TAG:])


def block_encrypt(key, block):
    return _run(f"aes_{len(key) * 8}_ecb", True, key, None, block)


def block_decrypt(key, block):
    return _run(f"aes_{len(key) * 8}_ecb", False, key, None, block)


def _rotated(word, by):
    return (word << by | word >> 32 - by) & _MASK


@lru_cache(4096)
def hchacha20(key, nonce):
    """The subkey of XChaCha20: ChaCha20's rounds without the last addition."""
    v = [*struct.unpack("<4I", b"expand 32-byte k"), *struct.unpack("<8I4I", key + nonce)]
    columns = ((0, 4, 8, 12), (1, 5, 9, 13), (2, 6, 10, 14), (3, 7, 11, 15))
    diagonals = ((0, 5, 10, 15), (1, 6, 11, 12), (2, 7, 8, 13), (3, 4, 9, 14))
    for _ in range(10):
        for a, b, c, d in columns + diagonals:
            for left, right in ((16, 12), (8, 7)):
                v[a] = v[a] + v[b] & _MASK
                v[d] = _rotated(v[d] ^ v[a], left)
                v[c] = v[c] + v[d] & _MASK
                v[b] = _rotated(v[b] ^ v[c], right)
    return struct.pack("<8I", *v[:4], *v[12:])


_IV = (0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A, 0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19)
_ORDER = (2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8)
_LANES = ((0, 4, 8, 12), (1, 5, 9, 13), (2, 6, 10, 14), (3, 7, 11, 15), (0, 5, 10, 15), (1, 6, 11, 12), (2, 7, 8, 13), (3, 4, 9, 14))
_WHOLE = 1 | 2 | 8  # the first and last block of the only chunk, which is the root
_CONTEXT, _MATERIAL = 32, 64


def _blake3_block(key, data, flags):
    """BLAKE3 of at most one block: all that SIP022 and SIP023 ever hash."""
    if len(data) > 64:
        raise ValueError("longer than one block")
    v = [*key, *_IV[:4], 0, 0, len(data), flags | _WHOLE]
    words = struct.unpack("<16I", data.ljust(64, b"\0"))
    for _ in range(7):
        for at, (a, b, c, d) in enumerate(_LANES):
            for word, left, right in ((words[2 * at], 16, 12), (words[2 * at + 1], 8, 7)):
                v[a] = v[a] + v[b] + word & _MASK
                t = v[d] ^ v[a]
                v[d] = (t >> left | t << 32 - left) & _MASK
                v[c] = v[c] + v[d] & _MASK
                t = v[b] ^ v[c]
                v[b] = (t >> right | t << 32 - right) & _MASK
        words = [words[i] for i in _ORDER]
    return tuple(v[i] ^ v[i + 8] for i in range(8))


@lru_cache(4096)
def blake3(data):
    return struct.pack("<8I", *_blake3_block(_IV, data, 0))


@lru_cache(8)
def _context_key(context):
    return _blake3_block(_IV, context, _CONTEXT)


@lru_cache(4096)
def blake3_derive(context, material):
    return struct.pack("<8I", *_blake3_block(_context_key(context), material, _MATERIAL))


def bytes_to_key(password, length):
    """EVP_BytesToKey with MD5, no salt, one iteration."""
    key, last = b"", b""
    while len(key) < length:
        last = hashlib.md5(last + password).digest()
        key += last
    return key[:length]


def hkdf_sha1(key, salt, info, length):
    extracted, out, last = hmac.new(salt, key, hashlib.sha1).digest(), b"", b""
    for count in range(1, 3):
        last = hmac.new(extracted, last + info + bytes([count]), hashlib.sha1).digest()
        out += last
    return out[:length]
