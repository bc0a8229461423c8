#include "backend.hpp"

#if defined(SS_IPSEC_MB)

#include <intel-ipsec-mb.h>

#include "ss/base/secret.hpp"

namespace ss::cipher {
namespace {

// The library's type says alignment 1, its code faults below 16: slots are aligned to 64.
static_assert(sizeof(gcm_key_data) <= Slot::kMaterial);

/// Null where the processor lacks AES instructions or the library's own self test fails.
IMB_MGR* start_manager() {
  IMB_MGR* manager = alloc_mb_mgr(0);
  if (manager == nullptr) return nullptr;
  IMB_ARCH arch = IMB_ARCH_NONE;
#if defined(SS_IPSEC_MB_AVX2)
  init_mb_mgr_avx2(manager);
  arch = IMB_ARCH_AVX2;
#else
  init_mb_mgr_auto(manager, &arch);
#endif
  const std::uint64_t self_test = IMB_FEATURE_SELF_TEST | IMB_FEATURE_SELF_TEST_PASS;
  const bool emulated = arch < IMB_ARCH_SSE || (manager->features & IMB_FEATURE_AESNI_EMU) != 0;
  if (emulated || imb_get_errno(manager) != 0 || (manager->features & self_test) != self_test) {
    free_mb_mgr(manager);
    return nullptr;
  }
  return manager;
}

const char* name_of(std::uint32_t arch) {
  switch (arch) {
    case IMB_ARCH_AVX512:
      return "AVX-512";
    case IMB_ARCH_AVX2:
      return "AVX2";
    case IMB_ARCH_AVX:
      return "AVX";
    default:
      return "SSE";
  }
}

/// The functions of one AES key size.
struct GcmFunctions {
  aes_gcm_pre_t expand;
  aes_gcm_enc_dec_t seal;
  aes_gcm_enc_dec_t open;
};

class IpsecMbBackend final : public AeadBackend {
 public:
  explicit IpsecMbBackend(IMB_MGR* manager)
      : manager_(manager),
        aes_128_{manager->gcm128_pre, manager->gcm128_enc, manager->gcm128_dec},
        aes_192_{manager->gcm192_pre, manager->gcm192_enc, manager->gcm192_dec},
        aes_256_{manager->gcm256_pre, manager->gcm256_enc, manager->gcm256_dec} {}

  [[nodiscard]] std::string describe() const override {
    return std::string("intel-ipsec-mb ") + imb_get_version_str() + " (" + name_of(manager_->used_arch) + ")";
  }

  // Measured (docs/decisions/0003): AES-GCM wins on every class, by little without AVX-512; ChaCha20 with AVX-512
  // alone.
  [[nodiscard]] bool wins(Algorithm algorithm) const override {
    return gcm_of(algorithm) != nullptr || manager_->used_arch == IMB_ARCH_AVX512;
  }

  void expand(Slot& slot, Algorithm algorithm, ConstBytes key) const override {
    if (const GcmFunctions* gcm = gcm_of(algorithm)) {
      gcm->expand(key.data(), gcm_key(slot));
    } else {
      std::memcpy(slot.material.data(), key.data(), key.size());
    }
  }

  void seal(Slot& slot, Algorithm algorithm, RecordNonce nonce, Bytes text, Bytes tag) const override {
    std::uint8_t* const at = text.empty() ? tag.data() : text.data();  // never null, even where nothing is read
    if (const GcmFunctions* gcm = gcm_of(algorithm)) {
      alignas(64) gcm_context_data state;
      gcm->seal(gcm_key(slot), &state, at, at, text.size(), nonce.data(), nonce.data(), 0, tag.data(), tag.size());
    } else {
      ChachaState state;
      IMB_CHACHA20_POLY1305_INIT(manager_, slot.material.data(), &state.data, nonce.data(), nonce.data(), 0);
      if (!text.empty()) {
        IMB_CHACHA20_POLY1305_ENC_UPDATE(manager_, slot.material.data(), &state.data, at, at, text.size());
      }
      IMB_CHACHA20_POLY1305_ENC_FINALIZE(manager_, &state.data, tag.data(), tag.size());
    }
  }

  [[nodiscard]] bool open(Slot& slot, Algorithm algorithm, RecordNonce nonce, ConstBytes text, ConstBytes tag,
                          Bytes out) const override {
    std::uint8_t computed[kTagLength];
    const std::uint8_t* const from = text.empty() ? tag.data() : text.data();
    std::uint8_t* const to = out.empty() ? computed : out.data();
    if (const GcmFunctions* gcm = gcm_of(algorithm)) {
      alignas(64) gcm_context_data state;
      gcm->open(gcm_key(slot), &state, to, from, text.size(), nonce.data(), nonce.data(), 0, computed, kTagLength);
    } else {
      ChachaState state;
      IMB_CHACHA20_POLY1305_INIT(manager_, slot.material.data(), &state.data, nonce.data(), nonce.data(), 0);
      if (!text.empty()) {
        IMB_CHACHA20_POLY1305_DEC_UPDATE(manager_, slot.material.data(), &state.data, to, from, text.size());
      }
      IMB_CHACHA20_POLY1305_DEC_FINALIZE(manager_, &state.data, computed, kTagLength);
    }
    // The library decrypts and leaves the verdict to its caller.
    return equal_in_constant_time(computed, tag);
  }

 private:
  /// The state of one ChaCha20-Poly1305 record. It holds the one-time key of the tag, so it does not outlive the
  /// record.
  struct ChachaState {
    alignas(64) chacha20_poly1305_context_data data;
    ~ChachaState() { wipe({reinterpret_cast<std::uint8_t*>(&data), sizeof data}); }
  };

  static gcm_key_data* gcm_key(Slot& slot) { return reinterpret_cast<gcm_key_data*>(slot.material.data()); }

  /// Null for ChaCha20.
  [[nodiscard]] const GcmFunctions* gcm_of(Algorithm algorithm) const {
    switch (algorithm) {
      case Algorithm::aes_128_gcm:
        return &aes_128_;
      case Algorithm::aes_192_gcm:
        return &aes_192_;
      case Algorithm::aes_256_gcm:
        return &aes_256_;
      default:
        return nullptr;
    }
  }

  IMB_MGR* manager_;
  GcmFunctions aes_128_;
  GcmFunctions aes_192_;
  GcmFunctions aes_256_;
};

}  // namespace

const AeadBackend* ipsec_mb_backend() {
  // The manager is asked for its function pointers only, and those keep their state in the caller's memory: one serves
  // all threads, and it stays for as long as the process.
  static IMB_MGR* const manager = start_manager();
  if (manager == nullptr) return nullptr;
  static const IpsecMbBackend backend(manager);
  return &backend;
}

}  // namespace ss::cipher

#else

namespace ss::cipher {

const AeadBackend* ipsec_mb_backend() {
  return nullptr;
}

}  // namespace ss::cipher

#endif
